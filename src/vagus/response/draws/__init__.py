"""What the draws of a response tell: which constant makes the width, and what measurements say of them."""
