"""The web process: ``gunicorn giatja_orders.wsgi:app``."""

from giatja_kit.logs import configure_logs
from giatja_kit.web import create_app
from giatja_orders.bootstrap import make_service

_service = make_service()
configure_logs(_service.name, "web", _service.settings.log_level)
app = create_app(_service)
