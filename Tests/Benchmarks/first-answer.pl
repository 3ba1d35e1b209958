# usage: perl first-answer.pl PROGRAM URI TOKEN
# Prints the milliseconds from the start of a responder to the end of its first response. As with systemd, the socket exists
# and the request waits in it before the responder starts.
use strict;
use warnings;
use Socket qw(AF_UNIX SOCK_STREAM pack_sockaddr_un);
use Time::HiRes qw(time);

my ($program, $uri, $token) = @ARGV;
my $path = "run/first-answer.$$.sock";
socket(my $listener, AF_UNIX, SOCK_STREAM, 0) or die "no socket: $!\n";
bind($listener, pack_sockaddr_un($path)) or die "cannot bind $path: $!\n";
listen($listener, 16) or die "cannot listen: $!\n";
socket(my $client, AF_UNIX, SOCK_STREAM, 0) or die "no socket: $!\n";
connect($client, pack_sockaddr_un($path)) or die "cannot connect: $!\n";
unlink $path;

# FastCGI 1.0: BEGIN_REQUEST for a responder, PARAMS and their end, an empty STDIN.
sub record { my ($type, $content) = @_; pack('CCnnCC', 1, $type, 1, length $content, 0, 0) . $content }
my %parameters = (
    REQUEST_METHOD => 'GET', REQUEST_URI => $uri, REMOTE_ADDR => '127.0.0.1',
    HTTP_AUTHORIZATION => "Bearer $token",
);
my $parameters = join '', map { pack('CN', length $_, length($parameters{$_}) | 1 << 31) . $_ . $parameters{$_} } keys %parameters;
syswrite $client, record(1, pack('nCx5', 1, 0)) . record(4, $parameters) . record(4, '') . record(5, '');

my $begun = time;
my $pid = fork // die "no process: $!\n";
if ($pid == 0) {
    open STDIN, '<&', $listener or die "no descriptor 0: $!\n";
    exec $program or die "cannot run $program: $!\n";
}
# The responder closes the connection, because the request does not ask to keep it.
my $answer = '';
while (sysread $client, $answer, 65536, length $answer) { }
printf "%.1f\n", 1000 * (time - $begun);
kill 'TERM', $pid;
waitpid $pid, 0;
die "$program answered: $answer\n" unless $answer =~ /Status: 200/;
