"""Docker's question to a web process: does it answer? As the load balancer would ask, with a host it serves."""

import os
import urllib.request

host = os.environ["ALLOWED_HOSTS"].split(",")[0].strip().lstrip(".")
urllib.request.urlopen(
    urllib.request.Request("http://127.0.0.1:8000/healthz", headers={"Host": host}),
    timeout=2,
)
