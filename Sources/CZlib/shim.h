// zlib for Swift. Swift cannot import inflateInit2 and deflateInit2, which are macros.

#pragma once
#include <zlib.h>

// Data of a zip entry: no header and no trailer.
static inline int czlib_begin_raw(z_stream *stream) { return inflateInit2(stream, -MAX_WBITS); }

// A gzip file, whose trailer zlib checks.
static inline int czlib_begin_gzip(z_stream *stream) { return inflateInit2(stream, 16 + MAX_WBITS); }

// Compression into a gzip file. Level 9 is the smallest and slowest.
static inline int czlib_begin_gzip_output(z_stream *stream, int level) {
    return deflateInit2(stream, level, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
}
