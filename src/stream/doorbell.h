// SPDX-License-Identifier: Apache-2.0
//
// Wakes a thread that waits for a socket: a descriptor for its poll().
//
//     any thread: ring() → descriptor() is readable → the waiting thread: answered()
//
// Lifetime   longer than those who ring.
// Threading  ring() from any thread, without blocking; answered() from the one that waits.
#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

namespace atlas::stream {

class Doorbell {
public:
    // Where the process has no descriptor left, nobody is woken: waits end by themselves.
    Doorbell() : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
    Doorbell(const Doorbell&) = delete;
    Doorbell& operator=(const Doorbell&) = delete;
    ~Doorbell() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }

    void ring() {
        const std::uint64_t one = 1;
        static_cast<void>(::write(descriptor_, &one, sizeof one));
    }
    int descriptor() const { return descriptor_; }
    // Whether it rang since the last call.
    bool answered() {
        std::uint64_t rung = 0;
        return ::read(descriptor_, &rung, sizeof rung) == sizeof rung;
    }

private:
    const int descriptor_;
};

}  // namespace atlas::stream
