"""The language of Image Serving URLs: text in, frozen values out. Standard library only, and no input or output."""
