"""The loan endpoints: each reads the clock once and calls one service or selector."""
