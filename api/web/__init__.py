"""The pages: HTML made on the server, over the functions that answer the api (decision 37)."""
