"""The web process: ``gunicorn giatja_gateway.wsgi:app``."""

from giatja_gateway.bootstrap import make_app, make_service
from giatja_kit.logs import configure_logs

_service = make_service()
configure_logs(_service.name, "web", _service.settings.log_level)
app = make_app(_service)
