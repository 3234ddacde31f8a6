"""GUI navigation: the next action on a screen, learnt from what annotators made of demonstrations."""
