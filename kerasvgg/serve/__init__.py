"""`kerasvgg serve`: a model that answers over HTTP. It needs the extra `serve`, and nothing imports it but its command.

server is the door: it binds, and hands on to supervisor, which holds the socket, keeps copies of the model's files
(snapshot) and begins processes that answer (worker). In each of these guard says who may ask and how much, app puts the
addresses together (openapi describes them), reading takes pictures out of a request, batching makes batches of what
comes at the same time, and answers says what came out. model is what computes: exported by an export's runtime, trained
by kerasvgg's own engines. limits, log and metrics are for all of them.
"""
