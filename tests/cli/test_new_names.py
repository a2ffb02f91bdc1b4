"""What `runner new` takes for a name, and the command that it ends with."""

import pytest

from tests.cli.command import runner


def test_the_command_to_try_can_be_pasted():
    told = runner("new", "my recipe")
    assert told.err.splitlines()[-1] == "try it: runner run 'my recipe.recipe.yaml' --offline"


@pytest.mark.parametrize("name", ["x/", ".", "..", ".hidden", ""])
def test_a_name_that_is_a_folder_or_hidden_is_refused(tmp_path, name):
    told = runner("new", name)
    assert (told.code, "expected a name for the recipe" in told.err) == (2, True)
    assert not [*tmp_path.iterdir()]
