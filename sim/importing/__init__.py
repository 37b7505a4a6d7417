"""What other systems tell, made into scenarios to be completed by hand."""
