"""The service as Chalice finds it: settings, services, application, and the event functions that AWS calls."""

from chalicelib import logs
from chalicelib.api.application import build_application
from chalicelib.services import services_for
from chalicelib.settings import Settings

settings = Settings.from_process()
logs.configure(settings.log_level)
services = services_for(settings)
app = build_application(services)


@app.schedule("rate(1 minute)")
def drain_spills(event: object) -> dict[str, int]:
    """Bring what had to be spilled back into the trail."""
    return services.drain()._asdict()
