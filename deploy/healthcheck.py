"""Ask the service in this container whether it is healthy; exit status 0 or 1, for HEALTHCHECK."""

import os
import sys
import urllib.request

url = f"http://127.0.0.1:{os.environ['PORT']}/health"
try:
    with urllib.request.urlopen(url, timeout=2) as response:
        sys.exit(0 if response.status == 200 else 1)
except OSError as error:
    sys.exit(f"{url}: {error}")
