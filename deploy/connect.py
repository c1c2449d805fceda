"""One way to the engine: the same data converter for api, worker and tests, wherever the engine is.

An explicit address means the embedded engine. Without one, Temporal's standard settings decide (`TEMPORAL_ADDRESS`,
`TEMPORAL_NAMESPACE`, `TEMPORAL_API_KEY`, `TEMPORAL_TLS_*`, or a profile file).
"""

import asyncio

import structlog
from temporalio.client import Client, GrpcCompression
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfig
from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig

from deploy.settings import Settings

log = structlog.stdlib.get_logger("siklus.connect")


async def connect(settings: Settings, *, runtime: Runtime | None = None, lazy: bool = False) -> Client:
    """A client of the engine these settings name.

    Args:
        settings: the address, or none for Temporal's own settings.
        runtime: shared by every client of the process; see `metrics_runtime`.
        lazy: connect at the first call, so that a process can start and serve while the engine is away.

    Raises:
        RuntimeError: not lazy, and the engine cannot be reached.
    """
    if settings.engine_address:
        return await Client.connect(
            settings.engine_address,
            namespace=settings.engine_namespace,
            data_converter=pydantic_data_converter,
            runtime=runtime,
            lazy=lazy,
            grpc_compression=GrpcCompression.NONE,  # it never leaves this machine
        )
    standard = ClientConfig.load_client_connect_config()
    standard.setdefault("target_host", "localhost:7233")
    return await Client.connect(**standard, data_converter=pydantic_data_converter, runtime=runtime, lazy=lazy)


async def connect_patiently(
    settings: Settings, *, runtime: Runtime | None = None, longest_pause_seconds: float = 10
) -> Client:
    """As `connect`, but tries again until the engine is there; ends only with an answer or by cancellation."""
    pause = 0.25
    while True:
        try:
            return await connect(settings, runtime=runtime)
        except RuntimeError as error:
            log.warning("engine_unreachable", error=str(error), retry_in_seconds=pause)
            await asyncio.sleep(pause)
            pause = min(longest_pause_seconds, pause * 2)


def metrics_runtime(port: int | None, host: str = "127.0.0.1") -> Runtime | None:
    """A runtime that serves the SDK's own metrics on this port, to be made before any client; None without a port."""
    if port is None:
        return None
    return Runtime(telemetry=TelemetryConfig(metrics=PrometheusConfig(bind_address=f"{host}:{port}")))
