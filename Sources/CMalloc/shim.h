// The C library's allocator settings, which Swift's Glibc module leaves out.
#include <stdlib.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

// Serves blocks below `bytes` from the heap and keeps up to `bytes` of it when they are freed.
static inline void erpq_keep_freed_memory(int bytes) {
#if defined(__GLIBC__)
  mallopt(M_MMAP_THRESHOLD, bytes);
  mallopt(M_TRIM_THRESHOLD, bytes);
#else
  (void)bytes;
#endif
}
