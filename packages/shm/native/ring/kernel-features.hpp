#pragma once

namespace rmq::ring {

// What the ring needs of the kernel and of the file system, each tried out: 0, or
// the errno of the refusal.
struct KernelFeatures {
  int unnamedFiles = 0;   // O_TMPFILE; else files get a temporary name first
  int reopen = 0;         // /proc/self/fd; else files are opened by name again
  int byteLocks = 0;      // open-file-description locks: the proof of life
  int reserving = 0;      // fallocate
  int populating = 0;     // MADV_POPULATE_WRITE, Linux 5.14; else pages are touched
  int futexes = 0;
  int fileLeases = 0;     // the proof that nobody has a file without locks open
  int fifos = 0;          // doorbells
};

void tryKernelFeatures(const char* directory, KernelFeatures& out);

}  // namespace rmq::ring
