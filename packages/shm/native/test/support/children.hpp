#pragma once

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <new>
#include <string>
#include <utility>

#include "clock.hpp"
#include "futex.hpp"

namespace rmq::ring::test {

// The test script sets the prefix and removes what a killed test left behind.
inline std::string uniquePath(const char* what) {
  static int count = 0;
  const char* prefix = getenv("RMQ_TEST_PREFIX");
  return std::string("/dev/shm/") + (prefix != nullptr ? prefix : "rmqt") + "_" + what + "_" +
         std::to_string(getpid()) + "_" + std::to_string(++count);
}

// Removes the file when the test ends, however it ends.
struct ScopedPath {
  explicit ScopedPath(const char* what) : path(uniquePath(what)), owner(getpid()) {}
  ~ScopedPath() {
    if (getpid() == owner) unlink(path.c_str());
  }
  operator const std::string&() const { return path; }
  const std::string path;
  const pid_t owner;
};

// Memory that a test and its children share, zeroed.
template <class T>
T* sharedByFork() {
  void* p = mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return p == MAP_FAILED ? nullptr : new (p) T;
}

inline int sleepForEver() {
  for (;;) pause();
}

// A forked child that runs one function and leaves without destructors of the
// parent's objects. It dies with its parent.
class Child {
 public:
  Child() = default;
  // asInit: as process 1 of a pid namespace of its own (needs root).
  template <class Run>
  bool start(Run&& run, bool asInit = false) {
    const int home = asInit ? open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC) : -1;
    if (asInit && (home < 0 || unshare(CLONE_NEWPID) != 0)) {
      if (home >= 0) close(home);
      return false;
    }
    fflush(nullptr);
    pid_ = fork();
    if (pid_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      _exit(run());
    }
    if (asInit) {
      const int back = setns(home, CLONE_NEWPID);
      close(home);
      if (back != 0) return false;
    }
    return pid_ > 0;
  }
  Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
  Child& operator=(Child&& other) noexcept {
    std::swap(pid_, other.pid_);
    return *this;
  }
  ~Child() { kill(); }

  pid_t pid() const { return pid_; }
  bool running() const { return pid_ > 0; }
  void signal(int what) const {
    if (pid_ > 0) ::kill(pid_, what);
  }
  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    wait();
  }
  // Exit code, or 128 + signal.
  int wait() {
    int status = 0;
    pid_t r;
    do {
      r = waitpid(pid_, &status, 0);
    } while (r < 0 && errno == EINTR);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  // True once it has ended; its status is then in `code`.
  bool poll(int& code) {
    int status = 0;
    if (pid_ <= 0 || waitpid(pid_, &status, WNOHANG) != pid_) return false;
    pid_ = -1;
    code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return true;
  }
  bool waitStopped() {
    int status = 0;
    return waitpid(pid_, &status, WUNTRACED) == pid_ && WIFSTOPPED(status);
  }

 private:
  pid_t pid_ = -1;
};

// Looks until it is true; false after the deadline. Between looks it gives the
// processor away instead of guessing how long things take.
template <class Condition>
bool eventually(Condition&& condition, uint64_t timeoutNs = 20000000000ull) {
  MonotonicClock clock;
  const uint64_t start = clock.nowNs();
  while (!condition()) {
    if (clock.nowNs() - start > timeoutNs) return false;
    usleep(100);
  }
  return true;
}

}  // namespace rmq::ring::test
