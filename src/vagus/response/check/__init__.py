"""Published findings beside what the model says of them."""
