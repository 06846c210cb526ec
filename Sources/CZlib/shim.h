// zlib for Swift. Swift cannot import inflateInit2, which is a macro.

#pragma once
#include <zlib.h>

// Data of a zip entry: no header and no trailer.
static inline int czlib_begin_raw(z_stream *stream) { return inflateInit2(stream, -MAX_WBITS); }

// A gzip file, whose trailer zlib checks.
static inline int czlib_begin_gzip(z_stream *stream) { return inflateInit2(stream, 16 + MAX_WBITS); }
