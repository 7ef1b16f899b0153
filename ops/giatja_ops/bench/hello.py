"""The floor of every web figure: the least a Flask application can do."""

from flask import Flask

app = Flask(__name__)


@app.get("/api/orders/hello")
def hello() -> dict[str, str]:
    """Say hello."""
    return {"hello": "world"}
