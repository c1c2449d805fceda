"""What the engine kept of finished years, one file for each way of ending: every later edition must replay them."""
