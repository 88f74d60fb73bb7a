#include <gtest/gtest.h>

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <atomic>
#include <memory>
#include <string>

#include "segment.hpp"
#include "support/children.hpp"
#include "support/sinks.hpp"

using namespace rmq::ring;
using namespace rmq::ring::test;

namespace {

constexpr int kPopulateWrite = 23;

// From here on this process has a kernel older than 5.14, as Jetsons have: it
// does not know MADV_POPULATE_WRITE.
bool forgetPopulating() {
  sock_filter rules[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_madvise, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[2])),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kPopulateWrite, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  sock_fprog program = {sizeof rules / sizeof *rules, rules};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

long faults() {
  rusage used;
  getrusage(RUSAGE_SELF, &used);
  return used.ru_minflt;
}

struct Outcome {
  std::atomic<bool> done{false};
  bool filtered = false;
  bool unknown = false;
  bool works = false;
  long faults = 0;
};

TEST(OldKernel, PagesAreEnteredAheadOfUseAllTheSame) {
  constexpr uint64_t kCapacity = 4 << 20;
  ScopedPath path{"old-kernel"};
  auto* outcome = sharedByFork<Outcome>();
  Child child;
  ASSERT_TRUE(child.start([&] {
    outcome->filtered = forgetPopulating();
    void* page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    outcome->unknown = madvise(page, 4096, kPopulateWrite) == -1 && errno == EINVAL;
    CreateOptions create;
    create.ring.capacityBytes = kCapacity;
    create.ring.maxRecords = 32;
    create.ring.participants = 8;
    AttachOptions attach;
    attach.prefaultArena = true;
    std::unique_ptr<Attachment> mine;
    std::unique_ptr<Attachment> other;
    Diagnosis why;
    const std::string record(kCapacity / 2, 'x');
    Collect sink;
    outcome->works = createSegment(path, create, attach, mine, why) == Status::ok &&
                     attachSegment(path, attach, other, why) == Status::ok;
    const long before = faults();
    outcome->works = outcome->works && mine->ring().put(record.data(), record.size(), {}, nullptr) == Status::ok;
    outcome->faults = faults() - before;
    outcome->works = outcome->works && other->ring().peek(0, sink, nullptr) == Status::ok;
    outcome->done = true;
    return sleepForEver();
  }));
  ASSERT_TRUE(eventually([&] { return outcome->done.load(); }));
  if (!outcome->filtered) GTEST_SKIP() << "this kernel has no seccomp";
  EXPECT_TRUE(outcome->unknown);
  EXPECT_TRUE(outcome->works);
  // Of the 512 that the record fills: others are of the stack, the code, a sanitizer.
  EXPECT_LT(outcome->faults, 256);
}

}  // namespace
