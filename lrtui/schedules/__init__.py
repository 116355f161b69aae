"""What the learning rate is: families, algebra, expression language, horizon. Numpy only."""
