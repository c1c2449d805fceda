"""How it all starts: settings, worker, embedded stack, command line, migrations, containers.

The only room that reads the environment, starts processes or knows where the data folder is.
"""
