"""What browser tests share: the watch over pages, people, clients, the sandbox's controls."""
