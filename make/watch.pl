# usage: perl make/watch.pl NAME...
# Watches an open shop of `make run` from inside SOUK_HOME: kills responders that hang, and rotates logs. On a server
# systemd's watchdog and logrotate do that. In Perl because bash cannot connect to a Unix socket, and because one
# process does it all without starting others.
use strict;
use warnings;
use Errno qw(EAGAIN);
use Socket qw(AF_UNIX SOCK_STREAM SOL_SOCKET SO_SNDTIMEO pack_sockaddr_un);

# Seconds that a responder has for an answer; the same as WatchdogSec of systemd/souk@.service.
my $patience = 30;
# Seconds between two rounds.
my $pause = 5;
# Bytes at which a log is rotated. One older file is kept of each.
my $log_limit = 16 * 1024 * 1024;

$SIG{PIPE} = 'IGNORE';
$| = 1;

# The state letter of a process (proc(5)), or an empty string if there is none.
sub state_of {
    my ($pid) = @_;
    open(my $file, '<', "/proc/$pid/stat") or return '';
    my $line = <$file> // '';
    return $line =~ /\) (\S)/ ? $1 : '';
}

sub pid_of {
    my ($program) = @_;
    open(my $file, '<', "run/$program.pid") or return 0;
    my $line = <$file> // '';
    return $line =~ /^(\d+)/ ? $1 : 0;
}

# A FastCGI record of request 1 (FastCGI 1.0, section 3.3).
sub record {
    my ($type, $content) = @_;
    return pack('CCnnCC', 1, $type, 1, length($content), 0, 0) . $content;
}

# GET /healthz/NAME for a responder that closes the connection afterwards.
sub question {
    my ($name) = @_;
    my $parameters = '';
    for my $pair ([REQUEST_METHOD => 'GET'], [REQUEST_URI => "/healthz/$name"]) {
        $parameters .= pack('CC', length($pair->[0]), length($pair->[1])) . join('', @$pair);
    }
    return record(1, pack('nCx5', 1, 0)) . record(4, $parameters) . record(4, '') . record(5, '');
}

# Sends the question. Returns the socket, or 0 if the responder's backlog stays full, or undef for other errors.
sub ask {
    my ($name) = @_;
    socket(my $socket, AF_UNIX, SOCK_STREAM, 0) or return undef;
    setsockopt($socket, SOL_SOCKET, SO_SNDTIMEO, pack('l!l!', $patience, 0));
    connect($socket, pack_sockaddr_un("run/$name.sock")) or return $! == EAGAIN ? 0 : undef;
    syswrite($socket, question($name)) or return undef;
    return $socket;
}

# Asks all responders and waits. Any answer will do, even 503, which a restart would not mend.
sub find_hung {
    my (%sockets, %pids);
    for my $name (@_) {
        $pids{$name} = pid_of("${name}d");
        my $socket = ask($name);
        $sockets{$name} = $socket if defined $socket;
    }
    my $left = $patience;
    while ($left > 0) {
        my $bits = '';
        for my $socket (grep { $_ } values %sockets) { vec($bits, fileno($socket), 1) = 1 }
        last if $bits eq '';
        (my $count, $left) = select(my $ready = $bits, undef, undef, $left);
        next if $count < 1;
        for my $name (keys %sockets) {
            my $socket = $sockets{$name};
            delete $sockets{$name} if $socket && vec($ready, fileno($socket), 1);
        }
    }
    # One that has been replaced meanwhile does not hang, and one in a debugger (state t) is left alone.
    for my $name (keys %sockets) {
        my $pid = $pids{$name};
        delete $sockets{$name} if !$pid || $pid != pid_of("${name}d") || state_of($pid) =~ /^[tZ]?$/;
    }
    return map { ["${_}d", $pids{$_}] } keys %sockets;
}

# supervise.sh starts it again, and finds the reason in run/PROGRAM.hung.
sub end_hung {
    for my $hung (@_) {
        my ($program, $pid) = @$hung;
        open(my $note, '>', "run/$program.hung") or warn "cannot write run/$program.hung: $!\n";
        print "$program did not answer for $patience s: killing process $pid\n";
        kill('KILL', $pid);
    }
}

# nginx opens its logs again on USR1.
sub rotate_nginx {
    my @large = grep { (-s $_ // 0) > $log_limit } 'log/access.log', 'log/nginx.log';
    my $pid = pid_of('nginx');
    return if !@large || !$pid;
    rename($_, "$_.1") for @large;
    kill('USR1', $pid);
}

# The others keep their log open for appending, so it is copied and cut. Lines that are written between the two are
# lost. If there is no room for a copy the log stays as it is.
sub rotate_copy {
    my ($log) = @_;
    return if (-s $log // 0) <= $log_limit;
    open(my $from, '<:raw', $log) or return;
    open(my $to, '>:raw', "$log.new") or return;
    my ($part, $is_whole) = ('', 1);
    while ($is_whole and my $count = sysread($from, $part, 65536)) {
        $is_whole = (syswrite($to, $part) // 0) == $count;
    }
    if ($is_whole && close($to) && rename("$log.new", "$log.1")) {
        truncate($log, 0);
    } else {
        unlink("$log.new");
    }
}

while (1) {
    rotate_nginx();
    rotate_copy($_) for grep { !/(access|nginx)\.log$/ } glob('log/*.log');
    end_hung(find_hung(@ARGV));
    select(undef, undef, undef, $pause);
}
