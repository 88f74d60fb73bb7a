// What a put costs at least: memcpy into shared memory of a ring's size, walked from its beginning to its end.
//
// memcpy BYTES RING_BYTES WARM_UP_COUNT COUNT SECONDS: prints the nanoseconds of each copy as an array of JSON.

#include <fcntl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

// Records of the ring begin at such addresses.
constexpr uint64_t kAlignment = 64;

uint64_t monotonicNs() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<uint64_t>(t.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(t.tv_nsec);
}

// Memory of the same kind as the ring's: a file of its folder, all pages there. Its name is gone before it is used.
uint8_t* sharedMemory(uint64_t bytes) {
  const std::string path = "/dev/shm/rmq-bench-memcpy-" + std::to_string(getpid());
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return nullptr;
  unlink(path.c_str());
  if (posix_fallocate(fd, 0, static_cast<off_t>(bytes)) != 0) return nullptr;
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
  return memory == MAP_FAILED ? nullptr : static_cast<uint8_t*>(memory);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) return 2;
  const uint64_t bytes = std::strtoull(argv[1], nullptr, 10);
  const uint64_t ringBytes = std::strtoull(argv[2], nullptr, 10);
  const uint64_t warmUp = std::strtoull(argv[3], nullptr, 10);
  const uint64_t count = std::strtoull(argv[4], nullptr, 10);
  const uint64_t longest = static_cast<uint64_t>(std::strtod(argv[5], nullptr) * 1e9);
  uint8_t* ring = sharedMemory(ringBytes);
  if (ring == nullptr) {
    std::perror("shared memory");
    return 1;
  }
  std::vector<uint8_t> data(bytes);
  for (uint64_t i = 0; i < bytes; ++i) data[i] = static_cast<uint8_t>(i % 251);

  const uint64_t step = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  uint64_t at = 0;
  const auto copy = [&] {
    std::memcpy(ring + at, data.data(), bytes);
    at = at + step + bytes <= ringBytes ? at + step : 0;
  };
  for (uint64_t i = 0; i < warmUp; ++i) copy();
  std::vector<uint64_t> samples;
  const uint64_t end = monotonicNs() + longest;
  while (samples.size() < count) {
    const uint64_t started = monotonicNs();
    copy();
    const uint64_t finished = monotonicNs();
    samples.push_back(finished - started);
    if (finished >= end) break;
  }
  for (size_t i = 0; i < samples.size(); ++i) {
    std::printf("%c%llu", i == 0 ? '[' : ',', static_cast<unsigned long long>(samples[i]));
  }
  std::printf("]\n");
  return 0;
}
