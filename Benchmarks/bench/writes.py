"""First pays in the background of other measurements: a paced client in a process of its own.

    python3 -m bench.writes RATE KEY

Reads commands from standard input, one per line. `to PORT BEGINNING` continues at this server, with order numbers that
start with BEGINNING. `pause`, `end` and `to` are answered once the pays in flight have been answered; `count` is
answered at once. The answer is `paid N refused M late L`, counted since the start. A pay that cannot be sent within a
second of its time is late and is skipped.
"""

import asyncio
import sys

CONNECTIONS = 16


class Writer:
    def __init__(self, rate, key):
        self.rate, self.key = rate, key
        self.port = self.beginning = None
        self.count = self.paid = self.refused = self.late = self.under_way = 0
        self.due = asyncio.Queue()

    async def pace(self):
        loop = asyncio.get_running_loop()
        at = loop.time()
        while True:
            at += 1 / self.rate
            await asyncio.sleep(max(0, at - loop.time()))
            if self.port is not None:
                self.count += 1
                self.due.put_nowait((at, self.port, f"{self.beginning}{self.count}"))

    async def work(self):
        port = reader = writer = None
        while True:
            at, wanted, number = await self.due.get()
            if asyncio.get_running_loop().time() - at > 1:
                self.late += 1
                continue
            self.under_way += 1
            try:
                if port != wanted:
                    if writer:
                        writer.close()
                    reader, writer = await asyncio.open_connection("127.0.0.1", wanted)
                    port = wanted
                if await asyncio.wait_for(self.pay(reader, writer, number), 10) == 201:
                    self.paid += 1
                else:
                    self.refused += 1
            except (OSError, TimeoutError, asyncio.IncompleteReadError):
                self.refused += 1
                port = None
            finally:
                self.under_way -= 1

    async def pay(self, reader, writer, number):
        body = (f'{{"out_trade_no":"{number}","user_id":"u_{number}","amount":9900,"currency":"CNY",'
                '"subject":"A book","channel":"sandbox","terminal":"pc","expires_in":1296000}')
        writer.write((f"POST /v1/payments HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self.key}\r\n"
                      f"Idempotency-Key: {number}\r\nContent-Type: application/json\r\n"
                      f"Content-Length: {len(body)}\r\n\r\n{body}").encode())
        head = await reader.readuntil(b"\r\n\r\n")
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                await reader.readexactly(int(line[15:]))
        return int(head[9:12])

    async def finish(self):
        self.port = None
        while not self.due.empty():
            self.due.get_nowait()
        while self.under_way:
            await asyncio.sleep(0.001)

    async def obey(self):
        lines = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
        while words := (await lines.readline()).decode().split():
            if words[0] != "count":
                await self.finish()
            print(f"paid {self.paid} refused {self.refused} late {self.late}", flush=True)
            if words[0] == "to":
                self.port, self.beginning, self.count = int(words[1]), words[2], 0
            elif words[0] == "end":
                return

    async def run(self):
        others = [asyncio.create_task(self.work()) for _ in range(CONNECTIONS)] + [asyncio.create_task(self.pace())]
        await self.obey()
        for other in others:
            other.cancel()


if __name__ == "__main__":
    asyncio.run(Writer(float(sys.argv[1]), sys.argv[2]).run())
