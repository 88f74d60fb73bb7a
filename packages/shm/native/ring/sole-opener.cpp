#include "sole-opener.hpp"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "process-self.hpp"
#include "segment-file.hpp"

namespace rmq::ring {
namespace {

// Two who ask at the same moment see each other.
constexpr int kTries = 4;

void pauseAtRandom() {
  uint8_t times;
  randomBytes(&times, sizeof times);
  for (int i = 0; i <= times % 3; ++i) pauseOneMillisecond();
}

class SoleOpener {
 public:
  SoleOpener() = default;
  ~SoleOpener() { end(); }
  SoleOpener(SoleOpener&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  SoleOpener& operator=(const SoleOpener&) = delete;

  Status begin(const std::string& path, Diagnosis& diagnosis) {
    Status s = Status::inUse;
    for (int i = 0; i < kTries && s == Status::inUse; ++i) {
      if (i > 0) pauseAtRandom();
      s = beginOnce(path, diagnosis);
    }
    return s;
  }

  bool isMine() const {
    struct stat st;
    return fstat(fd_, &st) == 0 && st.st_uid == geteuid();
  }
  bool isNamed(const std::string& path) const { return pathLeadsTo(path, fd_); }
  // False: somebody is opening it at this moment, and waits.
  bool isStillAlone() const { return fcntl(fd_, F_GETLEASE) == F_WRLCK; }

 private:
  Status beginOnce(const std::string& path, Diagnosis& diagnosis) {
    end();
    fd_ = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    if (fd_ < 0) return errno == EWOULDBLOCK ? Status::inUse : failed(diagnosis, "opening the file");
    struct stat st;
    if (fstat(fd_, &st) != 0 || !S_ISREG(st.st_mode)) {
      diagnosis.reason = "not a regular file";
      return Status::foreignSegment;
    }
    // Whoever opens the file meanwhile makes the kernel signal us: by default with
    // one that ends the process. This one is ignored by default.
    if (fcntl(fd_, F_SETSIG, SIGURG) == 0 && fcntl(fd_, F_SETLEASE, F_WRLCK) == 0) return Status::ok;
    if (errno == EAGAIN) {
      diagnosis.reason = "somebody has it open";
      return Status::inUse;
    }
    if (errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP) {
      diagnosis.reason = "this kernel has no leases on files";
      return Status::unsupported;
    }
    return failed(diagnosis, "asking who has it open");
  }

  void end() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }

  int fd_ = -1;
};

}  // namespace

Status proveUnopened(const std::string& path) {
  Diagnosis ignored;
  SoleOpener opener;
  return opener.begin(path, ignored);
}

Status removeUnopened(const std::vector<std::string>& paths, Diagnosis& diagnosis) {
  std::vector<SoleOpener> openers(paths.size());
  for (size_t i = 0; i < paths.size(); ++i) {
    const Status s = openers[i].begin(paths[i], diagnosis);
    if (s != Status::ok) return s;
    if (!openers[i].isNamed(paths[i])) return Status::notFound;
    if (!openers[i].isMine()) {
      diagnosis.reason = "belongs to another user";
      return Status::foreignSegment;
    }
  }
  for (size_t i = 0; i < paths.size(); ++i) {
    if (!openers[i].isStillAlone()) {
      diagnosis.reason = "somebody is opening it";
      return Status::inUse;
    }
    if (unlink(paths[i].c_str()) != 0) return failed(diagnosis, "unlinking the file");
  }
  return Status::ok;
}

}  // namespace rmq::ring
