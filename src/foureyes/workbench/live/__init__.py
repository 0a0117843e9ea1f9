"""What happens now, told to every open page, and who is where. Keeps no media and decides no rights."""
