#pragma once

#include <cstdint>

namespace rmq::ring {

// One byte per participant that only a living owner can hold. Whoever holds a
// byte is alone in cleaning up after its previous owner.
class Liveness {
 public:
  virtual ~Liveness() = default;
  // false: someone alive holds it.
  virtual bool claim(uint32_t participant) = 0;
  virtual void release(uint32_t participant) = 0;
  // Never asked about the caller's own byte.
  virtual bool alive(uint32_t participant) = 0;
};

// Open-file-description locks: the kernel drops them when the last descriptor
// of the open file is closed, so death needs no pid, no /proc and no namespace
// to be seen, and two threads with their own open files are two owners.
class ByteLockLiveness final : public Liveness {
 public:
  explicit ByteLockLiveness(int fd) : fd_(fd) {}
  bool claim(uint32_t participant) override;
  void release(uint32_t participant) override;
  bool alive(uint32_t participant) override;

 private:
  int fd_;
};

// Attachers share this byte while they claim theirs; a remover takes it alone.
enum class AttachLock { shared, exclusive, none };
bool tryAttachByte(int fd, AttachLock lock);
bool anyParticipantAlive(int fd);
bool attachByteHeld(int fd);

}  // namespace rmq::ring
