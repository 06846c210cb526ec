// libpng for Swift, for one kind of picture. Swift cannot import the macros of libpng's simplified API.

#pragma once
#include <png.h>
#include <string.h>

static inline png_image cpng_gray_square(png_uint_32 side) {
    png_image image;
    memset(&image, 0, sizeof image);
    image.version = PNG_IMAGE_VERSION;
    image.format = PNG_FORMAT_GRAY;
    image.width = side;
    image.height = side;
    // A fifth of the CPU time for twice the bytes. Anonymous requests must not be able to keep the service busy.
    image.flags = PNG_IMAGE_FLAG_FAST;
    return image;
}

// An upper bound for the size of a gray PNG of that width, with any content.
static inline size_t cpng_largest_gray_square(png_uint_32 side) {
    png_image image = cpng_gray_square(side);
    return PNG_IMAGE_PNG_SIZE_MAX(image);
}

// Writes a PNG of side times side pixels, one byte each, and sets *size to its length. Returns 0 on failure.
static inline int cpng_write_gray_square(png_uint_32 side, const void *pixels, void *memory, size_t *size) {
    png_image image = cpng_gray_square(side);
    png_alloc_size_t bytes = *size;
    int written = png_image_write_to_memory(&image, memory, &bytes, 0, pixels, 0, NULL);
    png_image_free(&image);
    *size = bytes;
    return written;
}
