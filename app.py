"""The service as Chalice finds it: settings, services, application, and the event functions that AWS calls."""

from chalice.app import CloudWatchEvent, DynamoDBEvent, SQSEvent

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


@app.schedule("cron(15 2 * * ? *)")
def close_days(event: object) -> dict[str, int]:
    """Put the decisions of days that are over into files."""
    return services.close_days()


@app.on_sqs_message(queue="jobs", batch_size=1)
def run_jobs(event: SQSEvent) -> None:
    """Do the jobs that were asked for."""
    services.run_jobs([message.body for message in event])


@app.on_dynamodb_record(stream_arn="trail", batch_size=50, starting_position="TRIM_HORIZON")
def project_work(event: DynamoDBEvent) -> dict[str, list[dict[str, str]]]:
    """Keep the worklist in step with the trail."""
    return services.follow_trail(event.to_dict()["Records"])


@app.schedule("rate(1 minute)")
def push_due(event: CloudWatchEvent) -> dict[str, int]:
    """Tell other systems what has become something to act on."""
    return services.push_due(event.time)
