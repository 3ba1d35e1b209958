import Foundation

/// A private nginx in front of a FastCGI socket, on a unix socket of its own.
final class Nginx {
    let path: String
    private let process = Process()

    /// Starts nginx in `directory`.
    ///
    /// Returns nil and prints the reason if nginx is not installed.
    init?(in directory: TemporaryDirectory, for responder: String) throws {
        let places: [String] = ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"]
        let program = places.first { access($0, X_OK) == 0 }
        guard let program else {
            print("skipped: there is no nginx")
            return nil
        }
        path = directory.path + "/http"
        let file = directory.path + "/nginx.conf"
        try Self.configuration(path, responder).write(
            toFile: file, atomically: false, encoding: .utf8)
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = ["-p", directory.path, "-c", file, "-e", "error.log"]
        try process.run()
        // The file exists from bind on, but connections are refused until listen.
        for _ in 0..<500 {
            if (try? Client(path)) != nil { break }
            usleep(10_000)
        }
    }

    deinit {
        // It inherited this thread's signal mask, in which SIGTERM may be blocked.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    private static func configuration(_ path: String, _ responder: String) -> String {
        """
        daemon off;
        master_process off;
        pid nginx.pid;
        events { worker_connections 1024; }
        http {
            access_log off;
            client_body_temp_path body;
            proxy_temp_path proxy;
            fastcgi_temp_path fastcgi;
            uwsgi_temp_path uwsgi;
            scgi_temp_path scgi;
            client_max_body_size 3m;
            keepalive_requests 1000000;
            upstream responder { server unix:\(responder); keepalive 32; }
            server {
                listen unix:\(path);
                location / {
                    fastcgi_pass responder;
                    fastcgi_keep_conn on;
                    fastcgi_param REQUEST_METHOD $request_method;
                    fastcgi_param REQUEST_URI $request_uri;
                    fastcgi_param CONTENT_TYPE $content_type;
                    fastcgi_param CONTENT_LENGTH $content_length;
                    fastcgi_param REMOTE_ADDR $remote_addr;
                    fastcgi_param REQUEST_ID $request_id;
                }
            }
        }
        """
    }
}

extension Client {
    /// Sends a request over HTTP/1.1 and reads the response, which has a Content-Length.
    func hypertext(_ request: String) throws -> String {
        send(Array(request.utf8))
        return try hypertext()
    }

    /// The next response over HTTP/1.1.
    func hypertext() throws -> String {
        var text = ""
        var part = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &part, part.count, 0)
            guard count > 0 else { throw Failure(count == 0 ? "closed" : "silent: \(errno)") }
            text += String(decoding: part[..<count], as: UTF8.self)
            guard let end = text.range(of: "\r\n\r\n") else { continue }
            guard let length = text[..<end.lowerBound].firstMatch(of: /Content-Length: (\d+)/),
                let length = Int(length.1)
            else { throw Failure(text) }
            if text[end.upperBound...].utf8.count >= length { return text }
        }
    }
}
