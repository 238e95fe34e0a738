"""The sub-commands of `imagepde`, one file each.

They import the rooms of the house inside the functions, so that `imagepde --help` is quick.
"""
