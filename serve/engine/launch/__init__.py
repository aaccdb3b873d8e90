"""Starting a model server as a child process, and keeping it alive."""
