#pragma once

#include <cstdint>

#include "status.hpp"

namespace rmq::ring {

// Room for new pages, asked before they are taken: a tmpfs that is too small
// would otherwise show as SIGBUS in the middle of a copy, and a memory cgroup
// that is too small as a killed process.

// Free bytes of the file system of `directory`.
uint64_t fileSystemAvailable(const char* directory);

// What this process's memory cgroups (v1 or v2, every level) still allow;
// UINT64_MAX if there is no limit. Page cache that the kernel can drop counts
// as free. The paths are parameters for tests.
uint64_t cgroupAvailable(const char* procCgroup = "/proc/self/cgroup",
                         const char* cgroupRoot = "/sys/fs/cgroup");

// ok or noSpace. A check can be overtaken by other processes; taking the pages
// afterwards must fail cleanly too.
Status checkSpace(const char* directory, uint64_t bytes, Diagnosis& diagnosis);

}  // namespace rmq::ring
