"""A run over a dataset that goes on where it stopped."""

from tests.cli.command import runner
from tests.cli.test_run_rows import RECIPE, ROWS, lines


def test_the_rows_of_standard_input_are_there_for_every_cell_and_every_resume():
    recipe = RECIPE.replace("items.csv", "'-'").replace("/{{ row_id", "/{{ run_model }}{{ row_id")
    recipe += "matrix: {run_model: [a, b]}\n"
    words = ("run", "r.recipe.yaml", "--offline")
    told = runner(*words, files={"r.recipe.yaml": recipe}, given=ROWS)
    assert told.code == 0, told.err
    assert len(lines()) == 6
    assert "0 requests" in runner(*words, "--resume", given=ROWS).err
    assert "this changed: dataset" in runner(*words, "--resume", given=ROWS + "a4,pot\n").err
