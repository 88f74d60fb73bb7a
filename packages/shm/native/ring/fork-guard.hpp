#pragma once

namespace rmq::ring {

class Ring;

// A forked child shares its parent's open files, and with them the locks that
// prove the parent's life. Every guarded descriptor is closed in the child, and
// its ring goes deaf.
class ForkGuard {
 public:
  ForkGuard() = default;
  ~ForkGuard() { disarm(); }
  ForkGuard(const ForkGuard&) = delete;
  ForkGuard& operator=(const ForkGuard&) = delete;

  void arm(int* fd, Ring* ring);
  void disarm();

  // What pthread_atfork calls in the child; for clone() without it.
  static void inChild();

 private:
  friend struct ForkList;
  int* fd_ = nullptr;
  Ring* ring_ = nullptr;
  ForkGuard* prev_ = nullptr;
  ForkGuard* next_ = nullptr;
};

}  // namespace rmq::ring
