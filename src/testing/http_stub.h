// SPDX-License-Identifier: Apache-2.0
//
// A web server for tests of clients: responds as the test says, on a free port of the loopback.
//
//     HttpStub stub([](const HttpStub::Request&) { return HttpStub::Response{200, "{}"}; });
//     HttpClient client({.url = stub.url()});
//
// Lifetime   serves from construction to destruction.
// Threading  the handler runs on the stub's threads, one call at a time.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace atlas::test {

class HttpStub {
public:
    struct Request {
        std::string method;
        std::string target;
        std::string body;
        std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
        std::string header(const std::string& lower_case_name) const;
    };
    struct Response {
        int status = 200;
        std::string body = {};
        std::vector<std::pair<std::string, std::string>> headers = {};
        bool hang_up_instead = false;  // close without a response
        bool close_after = false;      // respond as if the connection continued, then close
        std::string raw = {};          // unless empty: these bytes instead, then close
    };
    using Handler = std::function<Response(const Request&)>;

    // Port 0 takes a free one.
    explicit HttpStub(Handler handler, unsigned short port = 0);
    ~HttpStub();
    HttpStub(const HttpStub&) = delete;
    HttpStub& operator=(const HttpStub&) = delete;

    std::string url() const;
    unsigned short port() const;
    int connections() const;  // accepted so far

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace atlas::test
