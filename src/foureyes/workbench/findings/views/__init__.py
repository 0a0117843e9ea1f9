"""Pages and forms of findings. Each is a page of its own, and a piece where a page asks for one."""
