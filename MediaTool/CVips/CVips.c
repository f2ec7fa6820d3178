#include "CVips.h"
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

// What is used of libvips' public interface (https://www.libvips.org/API/8.14/), written out here: its headers come with a
// hundred packages for building, among them glib's, whose flags SwiftPM refuses. The library is linked by the name of its
// interface, libvips.so.42, which changes when any of this does.
typedef struct _VipsImage VipsImage;
int vips_init(const char *program);
void vips_block_untrusted_set(int state);
void vips_concurrency_set(int threads);
void vips_cache_set_max(int operations);
const char *vips_foreign_find_load(const char *path);
VipsImage *vips_image_new_from_file(const char *path, ...) __attribute__((sentinel));
int vips_image_get_width(const VipsImage *image);
int vips_image_get_height(const VipsImage *image);
int vips_thumbnail(const char *path, VipsImage **out, int width, ...) __attribute__((sentinel));
int vips_webpsave(VipsImage *image, const char *path, ...) __attribute__((sentinel));
int vips_copy(VipsImage *image, VipsImage **out, ...) __attribute__((sentinel));
char **vips_image_get_fields(const VipsImage *image);
int vips_image_remove(VipsImage *image, const char *field);
const char *vips_error_buffer(void);
void g_strfreev(char **texts);
void g_object_unref(void *object);
enum { VIPS_ACCESS_SEQUENTIAL = 1, VIPS_SIZE_DOWN = 2, VIPS_MAX_COORD = 10000000 };

bool lyceum_vips_start(const char *program) {
    if (vips_init(program) != 0) return false;
    vips_block_untrusted_set(1);
    vips_concurrency_set(1);
    vips_cache_set_max(0);
    return true;
}

static bool is_read_here(const char *path) {
    const char *loader = vips_foreign_find_load(path);
    static const char *const known[] = {"VipsForeignLoadJpegFile", "VipsForeignLoadPngFile", "VipsForeignLoadWebpFile",
                                        "VipsForeignLoadNsgifFile"};
    for (size_t index = 0; loader && index < sizeof known / sizeof *known; index++)
        if (strcmp(loader, known[index]) == 0) return true;
    return false;
}

bool lyceum_vips_size(const char *path, int64_t *width, int64_t *height) {
    if (!is_read_here(path)) return false;
    VipsImage *image = vips_image_new_from_file(path, "access", VIPS_ACCESS_SEQUENTIAL, NULL);
    if (!image) return false;
    *width = vips_image_get_width(image);
    *height = vips_image_get_height(image);
    g_object_unref(image);
    return true;
}

bool lyceum_vips_picture(const char *path, int width, const char *to, int *made_width, int *made_height) {
    VipsImage *small = NULL, *bare = NULL;
    // Reads no more of the image than the size needs, and turns it as its Orientation says.
    if (vips_thumbnail(path, &small, width, "height", VIPS_MAX_COORD, "size", VIPS_SIZE_DOWN, "export_profile", "srgb", NULL) != 0)
        return false;
    int failed = vips_copy(small, &bare, NULL);
    g_object_unref(small);
    if (failed) return false;
    // `strip` alone leaves EXIF in a WebP (libvips 8.14.1): so whatever is no pixel goes by name. What cannot, stays: the size.
    char **fields = vips_image_get_fields(bare);
    for (char **field = fields; field && *field; field++) vips_image_remove(bare, *field);
    g_strfreev(fields);
    *made_width = vips_image_get_width(bare);
    *made_height = vips_image_get_height(bare);
    failed = vips_webpsave(bare, to, "Q", 82, "strip", 1, NULL);
    g_object_unref(bare);
    return failed == 0;
}

const char *lyceum_vips_reason(void) { return vips_error_buffer(); }

static bool limit(int what, uint64_t most) {
    struct rlimit value = {most, most};
    return setrlimit(what, &value) == 0;
}

bool lyceum_confine(uint64_t bytes, uint64_t seconds, uint64_t most) {
    return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && limit(RLIMIT_CORE, 0) &&
           limit(RLIMIT_AS, bytes) && limit(RLIMIT_CPU, seconds) && limit(RLIMIT_FSIZE, most);
}
