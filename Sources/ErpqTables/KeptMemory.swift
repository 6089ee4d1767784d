import CMalloc

/// Tells the allocator to keep freed memory for the next arrays instead of giving it back to the system.
///
/// Tables come and go in arrays of many megabytes. By default each is mapped anew and cleared page by page,
/// which costs as much as filling it: filters, joins and sorts take about half the CPU time with this. Up to
/// a gigabyte stays with the process. It is a setting of the whole process, so the program calls it once, at
/// its start; where the C library is not glibc nothing happens.
public func keepFreedMemory() { erpq_keep_freed_memory(1 << 30) }
