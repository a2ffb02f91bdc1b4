"""The user's side: settings, the environment, options and secrets; nothing here is a recipe's."""
