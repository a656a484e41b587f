// SPDX-License-Identifier: Apache-2.0
//
// Checks responses against docs/openapi.yaml: the keywords of JSON Schema that it uses, and no
// others.
//
// Lifetime   borrows the document.
// Threading  constant after construction; any thread.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace atlas::test {

class JsonSchemas {
public:
    // `document` is where "#/…" references lead; it must outlive this.
    explicit JsonSchemas(const boost::json::value& document) : document_(document) {}

    // What does not fit, a line each, with its place in the value; empty: it fits. Throws
    // std::logic_error for a keyword that is not known here, or a reference that leads nowhere.
    std::vector<std::string> faults(const boost::json::value& schema,
                                    const boost::json::value& value) const;

    // Follows references; itself where there are none. Never null.
    const boost::json::value* resolve(const boost::json::value* schema) const;

private:
    using Faults = std::vector<std::string>;
    void check(const boost::json::value& schema, const boost::json::value& value,
               const std::string& place, Faults& out) const;
    void check_keyword(std::string_view keyword, const boost::json::value& rule,
                       const boost::json::object& schema, const boost::json::value& value,
                       const std::string& place, Faults& out) const;
    void check_object(std::string_view keyword, const boost::json::value& rule,
                      const boost::json::object& schema, const boost::json::value& value,
                      const std::string& place, Faults& out) const;
    void check_bounds(std::string_view keyword, const boost::json::value& rule,
                      const boost::json::value& value, const std::string& place, Faults& out) const;

    const boost::json::value& document_;
};

}  // namespace atlas::test
