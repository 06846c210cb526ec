// libpq: https://www.postgresql.org/docs/current/libpq.html

#pragma once
#include <libpq-fe.h>

// Version 14 brought pipelines.
#ifndef LIBPQ_HAS_PIPELINING
#error "Paypage needs libpq 14 or later: install libpq-dev"
#endif
