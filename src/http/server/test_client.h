// SPDX-License-Identifier: Apache-2.0
//
// A client for tests of the server: sends exactly the bytes it is given, at the pace it is told,
// and reads responses one by one. Every wait is bounded.
//
// Threading  one thread at a time.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace atlas::http {

struct RawAnswer {
    int status = 0;
    std::map<std::string, std::string> headers;  // names in lower case
    std::string body;
};

class RawClient {
public:
    explicit RawClient(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
        const int on = 1;
        ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    ~RawClient() { ::close(fd_); }
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    bool connected() const { return connected_; }
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    void end() { ::shutdown(fd_, SHUT_WR); }

    // The next answer; nullopt when the server closed, or said nothing for `wait`.
    std::optional<RawAnswer> read(bool head_only = false,
                                  std::chrono::milliseconds wait = std::chrono::seconds{20}) {
        std::size_t end = 0;
        while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
            if (!receive(wait)) return std::nullopt;
        }
        RawAnswer answer = parse_head(std::string_view(received_).substr(0, end + 2));
        received_.erase(0, end + 4);
        if (!head_only && answer.headers.contains("transfer-encoding")) {
            if (!read_chunks(answer.body, wait)) return std::nullopt;
            return answer;
        }
        const auto length = answer.headers.find("content-length");
        if (head_only || length == answer.headers.end()) return answer;
        const auto size = static_cast<std::size_t>(std::atoll(length->second.c_str()));
        while (received_.size() < size) {
            if (!receive(wait)) return std::nullopt;
        }
        answer.body = received_.substr(0, size);
        received_.erase(0, size);
        return answer;
    }
    std::optional<RawAnswer> ask(std::string_view request, bool head_only = false) {
        if (!send(request)) return std::nullopt;
        return read(head_only);
    }
    // True as soon as something can be read, which stays unread.
    bool waits_for_bytes(std::chrono::milliseconds wait = std::chrono::seconds{20}) const {
        pollfd waiting{.fd = fd_, .events = POLLIN, .revents = 0};
        return ::poll(&waiting, 1, static_cast<int>(wait.count())) == 1;
    }
    // Whether the server closes within `wait`, with nothing more said.
    bool closes(std::chrono::milliseconds wait = std::chrono::seconds{20}) {
        return received_.empty() && !receive(wait) && closed_;
    }
    const std::string& received() const { return received_; }

private:
    // Chunked coding, to the last chunk; false when the server closed before it.
    bool read_chunks(std::string& body, std::chrono::milliseconds wait) {
        while (true) {
            std::size_t line = 0;
            while ((line = received_.find("\r\n")) == std::string::npos) {
                if (!receive(wait)) return false;
            }
            const auto size = static_cast<std::size_t>(
                std::strtoull(received_.substr(0, line).c_str(), nullptr, 16));
            while (received_.size() < line + 2 + size + 2) {
                if (!receive(wait)) return false;
            }
            body.append(received_, line + 2, size);
            received_.erase(0, line + 2 + size + 2);
            if (size == 0) return true;
        }
    }

    bool receive(std::chrono::milliseconds wait) {
        pollfd waiting{.fd = fd_, .events = POLLIN, .revents = 0};
        if (::poll(&waiting, 1, static_cast<int>(wait.count())) <= 0) return false;
        char bytes[65536];
        const ssize_t size = ::recv(fd_, bytes, sizeof bytes, 0);
        closed_ = size <= 0;
        if (closed_) return false;
        received_.append(bytes, static_cast<std::size_t>(size));
        return true;
    }

    static RawAnswer parse_head(std::string_view head) {
        RawAnswer answer;
        answer.status = std::atoi(std::string(head.substr(9, 3)).c_str());
        head.remove_prefix(head.find("\r\n") + 2);
        while (!head.empty()) {
            const auto line = head.substr(0, head.find("\r\n"));
            head.remove_prefix(line.size() + 2);
            const auto colon = line.find(':');
            std::string name(line.substr(0, colon));
            std::ranges::transform(name, name.begin(), [](char c) {
                return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
            });
            answer.headers[name] = std::string(line.substr(std::min(colon + 2, line.size())));
        }
        return answer;
    }

    int fd_;
    bool connected_ = false;
    bool closed_ = false;
    std::string received_;
};

}  // namespace atlas::http
