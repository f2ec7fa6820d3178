// The few calls of libvips that pictures are made with. Its functions take a variable number of arguments, which Swift does
// not import; and no header of glib need be seen by Swift this way.
#pragma once
#include <stdbool.h>
#include <stdint.h>

// Starts libvips for files that come from strangers: readers that are not made for such are off. False: it cannot be used.
bool lyceum_vips_start(const char *program);

// Looks at an image without decoding it. False when it is none of a kind that is read here.
bool lyceum_vips_size(const char *path, int64_t *width, int64_t *height);

// Writes a picture as WebP, at most `width` wide, upright as the camera was held, in sRGB, and without anything but pixels.
bool lyceum_vips_picture(const char *path, int width, const char *to, int *made_width, int *made_height);

// What went wrong last.
const char *lyceum_vips_reason(void);

// Takes from this process what it does not need: memory beyond `bytes`, time of a processor, files larger than `most`, new
// privileges; it ends with the one that started it. False when the system refuses.
bool lyceum_confine(uint64_t bytes, uint64_t seconds, uint64_t most);
