# The AOF is cut, as by a loss of power, at every byte.  What Redis makes of
# what is left has to be the journal up to some entry, and nothing that does
# not follow from it: commits are all or nothing, and the tools say how far
# it goes.  What is written then is there after the next start, and nothing
# else.
#
# What Redis is given depends on nothing but the bytes that `wenming aof mend`
# leaves.  So these are compared for every byte, with a reader of the format
# that has none of the tool's code; and Redis starts at every end there is,
# and on cuts between.

package Fault::Made::aof_cut;

use strict;
use warnings;
use utf8;

use Digest::SHA qw(hmac_sha256);
use POSIX ();
use Time::HiRes qw(sleep time);

my %mix = (checkin => 2, life => 3, order => 3, enrol => 3, event => 2);


# A site that has worked, and its log: the bytes, and the journal in it.

sub worked {
    my ($ops) = @_;

    my $field = Fault::Field->new(mix => \%mix, redis_conf => [
        'auto-aof-rewrite-percentage 0']);
    my $site = $field->site;

    base($site);

    $field->load(ops => $ops, clients => 6);
    $field->finish;
    $site->tool('archive', '--to', "sqlite:$site->{dir}/full.db");
    $site->stop_nginx;

    my $rows = $site->redis->call('XRANGE', $site->key('journal'), '-', '+');
    my $head = $site->redis->call('GET', $site->key('head'));

    $site->stop_redis('KILL');

    my ($log) = glob "$site->{dir}/redis/appendonlydir/*.incr.aof";
    my $bytes = Wenming::Site::read_file($log);

    checkpoint($site, $head);

    return ($field, $bytes, $rows);
}


# What was there before goes into a base, so that the log is only of the work.

sub base {
    my ($site) = @_;

    my $redis = $site->redis;

    $redis->call('BGREWRITEAOF');
    $site->until(20, sub {
        my $info = $redis->call('INFO', 'persistence');

        $info =~ /aof_rewrite_in_progress:0/
            && $info =~ /aof_rewrite_scheduled:0/
            && (() = glob "$site->{dir}/redis/appendonlydir/*.incr.aof") == 1;
    }) or die "Redis does not finish its base\n";

    return;
}


# docs/token.md and docs/architecture.md: what a worker of nginx signs.

sub checkpoint {
    my ($site, $head) = @_;

    my $seal = $site->seal;
    my $said = "$site->{district} $head";
    my $mac = unpack 'H32', hmac_sha256($said, $seal->derive('checkpoint'));

    Wenming::Site::write_file("$site->{dir}/point",
                              "2026-01-01T00:00:00Z $said $seal->{id} $mac\n");

    return;
}


# Where a Redis will read what is left of the log.

sub reader {
    my ($from) = @_;

    my $site = Wenming::Site->prepare(redis => 0, import => 0);

    system('cp', '-r', "$from->{dir}/redis/appendonlydir",
           "$site->{dir}/redis/") == 0 or die "cannot copy the log\n";
    $site->{keys} = $from->{keys};

    my ($log) = glob "$site->{dir}/redis/appendonlydir/*.incr.aof";

    return ($site, $log);
}


# Starts it on so much of the log; as fast as it can be had.

sub start_on {
    my ($site, $log, $bytes) = @_;

    if (my $pid = delete $site->{redis_pid}) {
        kill 'KILL', $pid;
        waitpid $pid, 0;
    }

    Wenming::Site::write_file($log, $bytes) if defined $bytes;
    unlink $site->{socket};
    $site->mend_redis;

    my $pid = fork;
    die "fork: $!\n" if !defined $pid;

    if ($pid == 0) {
        setpgrp;
        open STDOUT, '>', "$site->{dir}/redis.log";
        exec 'redis-server', "$site->{dir}/redis.conf" or POSIX::_exit(1);
    }

    $site->{redis_pid} = $pid;

    for (1 .. 10_000) {
        my $redis = eval { Wenming::Redis->new($site->{socket}) };

        return $redis if $redis && eval { $redis->call('PING') };
        die "Redis refuses what is left: "
            . Wenming::Site::read_file("$site->{dir}/redis.log")
            if waitpid($pid, POSIX::WNOHANG()) != 0;
        sleep 0.001;
    }

    die "Redis does not start\n";
}


# ---- what is there after a cut

sub is_prefix {
    my ($redis, $site, $rows) = @_;

    my $has = $redis->call('XRANGE', $site->key('journal'), '-', '+');

    return 'more entries than there were' if @$has > @$rows;

    for my $i (0 .. $#$has) {
        return "another entry " . ($i + 1)
            if join("\0", $has->[$i][0], @{$has->[$i][1]})
               ne join("\0", $rows->[$i][0], @{$rows->[$i][1]});
    }

    return;
}


# A transaction more, and another start: it is all that came.

sub goes_on {
    my ($redis, $site, $log, $n, $digest) = @_;

    $redis->call('EVAL', 'redis.call("SET", "a", "1")'
                         . 'redis.call("SET", "b", "1")', 0);
    $redis = start_on($site, $log);

    return 'what was written then is gone'
        if $redis->call('DEL', 'a', 'b') != 2;

    my $now = $redis->call('XLEN', $site->key('journal'));

    return "$now entries at the next start, not $n" if $now != $n;
    return 'another state at the next start'
        if $redis->call('DEBUG', 'DIGEST') ne $digest;

    return;
}


# What the tools say of n entries of so many.

sub told {
    my ($field, $site, $n, $all) = @_;

    my $full = $field->site->{dir};
    my @wrong;
    my ($rc, $said) = $site->tool('audit');

    push @wrong, "audit of $n: $rc $said" if $n > 0 && $rc != 0
                                             || $said !~ /\b$n\b/;
    ($rc, $said) = $site->tool('audit', '--checkpoints', "$full/point");
    push @wrong, "audit of $n of $all with a checkpoint: $rc $said"
        if ($rc == 0) != ($n == $all);

    system 'cp', "$full/full.db", "$site->{dir}/old.db";
    ($rc, $said) = $site->tool('archive', '--to', "sqlite:$site->{dir}/old.db");
    push @wrong, "the archive that has more: $rc $said"
        if ($rc == 0) != ($n == $all);

    my $new = "$site->{dir}/new.db";

    unlink $new, "$new-lock";
    ($rc, $said) = $site->tool('archive', '--to', "sqlite:$new");
    push @wrong, "a new archive: $rc $said" if $rc != 0;

    ($rc, $said) = Wenming::Site::run(
        $^X, "$Fault::Field::HERE/check", '--redis', $site->{socket},
        '--keys', $site->{keys}, $n > 0 ? ('--sql', $new) : ());
    push @wrong, "$n entries: $said" if $rc != 0 || $said !~ /entries $n /;

    return @wrong;
}


# ---- what the tool has to leave

# Where the log may end: behind a transaction, or a command of its own.

sub ends {
    my ($bytes) = @_;

    my @ends = (0);
    my $multi = 0;

    pos($bytes) = 0;

    while (pos($bytes) < length $bytes) {
        if ($bytes !~ /\G#[^\n]*\n/gc) {
            $bytes =~ /\G\*([0-9]+)\r\n/gc or die "no command here\n";

            my @words = map { word(\$bytes) } 1 .. $1;

            $multi = 1 if $words[0] =~ /^multi$/i;
            $multi = 0 if $words[0] =~ /^exec$/i;
        }

        push @ends, pos $bytes if !$multi;
    }

    die "the log ends within a transaction\n" if $ends[-1] != length $bytes;

    return @ends;
}


sub word {
    my ($bytes) = @_;

    $$bytes =~ /\G\$([0-9]+)\r\n/gc or die "no string here\n";

    my $word = substr $$bytes, pos $$bytes, $1;

    pos($$bytes) += $1 + 2;

    return $word;
}


sub mended {                            # end, bytes, cut; nothing if right
    my ($log, $end, $bytes, $at) = @_;

    my $cut = substr $bytes, 0, $at;

    unlink glob "$log.torn-at-*";
    Wenming::Site::write_file($log, $cut);

    my ($rc, $said) = Wenming::Site::run("$Wenming::Site::BUILD/wenming",
                                         'aof', 'mend', $log);
    my $kept = $at == $end ? ''
                           : Wenming::Site::read_file("$log.torn-at-$end");

    return "mending says $rc $said" if $rc != 0;
    return "mending does not leave $end bytes"
        if Wenming::Site::read_file($log) ne substr $bytes, 0, $end;
    return 'mending does not keep what it cuts'
        if $kept ne substr $cut, $end;

    return;
}


# Every byte, or so many of them; what is wrong there.

sub mendings {
    my ($ends, $bytes, %o) = @_;

    my $dir = "$o{site}{dir}/cut";
    my ($i, $n, @wrong) = (0, 0);

    mkdir $dir;

    for my $at (cuts($ends, length $bytes, $o{mends})) {
        last if @wrong > 5 || $o{until} && time > $o{until};
        $i++ while $i < $#$ends && $ends->[$i + 1] <= $at;
        $n++;

        my $how = mended("$dir/log", $ends->[$i], $bytes, $at);

        push @wrong, "cut at $at: $how" if $how;
    }

    return ($n, @wrong);
}


sub cuts {                              # where; all, or some, and the ends
    my ($ends, $size, $times) = @_;

    return 0 .. $size if !$times;

    my %at = map { $_ => 1 } @$ends, map { int rand $size } 1 .. $times;

    return sort { $a <=> $b } keys %at;
}


sub run {
    my ($fault, %o) = @_;

    my ($field, $bytes, $rows) = worked($o{ops});
    my ($site, $log) = reader($field->site);

    Wenming::Site::write_file("$site->{dir}/redis.conf", join '', map { "$_\n" }
        'port 0', "unixsocket $site->{socket}", "dir $site->{dir}/redis",
        'appendonly yes', 'appendfsync no', 'save ""',
        'aof-load-truncated no', 'auto-aof-rewrite-percentage 0',
        'enable-debug-command local', 'loglevel warning');

    my @ends = ends($bytes);
    my (%seen, %of, @wrong);
    my ($last, $times) = (0, 0);

    for my $at (cuts(\@ends, length $bytes, $o{times})) {
        last if @wrong > 5 || $o{until} && time > $o{until};

        my $redis = start_on($site, $log, substr $bytes, 0, $at);

        $times++;

        my $n = $redis->call('XLEN', $site->key('journal'));
        my $digest = $redis->call('DEBUG', 'DIGEST');

        push @wrong, "cut at $at: $n entries, before there were $last"
            if $n < $last;
        $last = $n;

        # the same again and again: it was looked at once; but each end is
        # another one

        my $known = $seen{"$n $digest"}++;

        if ($known ? $at % 16 == 0 : 1) {
            my $how = goes_on($redis, $site, $log, $n, $digest);

            push @wrong, "cut at $at: $how" if $how;
        }

        next if $known;

        $redis = start_on($site, $log, substr $bytes, 0, $at);

        if (my $how = is_prefix($redis, $site, $rows)) {
            push @wrong, "cut at $at: $how";
        }

        push @wrong, map { "cut at $at: $_" }
                     told($field, $site, $n, scalar @$rows) if !$of{$n}++;
    }

    push @wrong, "the whole log has $last entries of " . @$rows
        if $last != @$rows && !@wrong;

    # this takes long, and Redis expires what it has meanwhile: so it is last

    my ($mends, @odd) = mendings(\@ends, $bytes, %o, site => $site);

    push @wrong, @odd;

    my $cut = sprintf '%d of %d bytes mended, %d journals, %d states', $mends,
                      1 + length $bytes, scalar keys %of, scalar keys %seen;

    $site->discard;
    $field->end;

    return { times => $times, operations => $field->{sum}{done},
             acknowledged => $field->{sum}{acknowledged}, lost => 0,
             doubled => 0, seen => $cut, wrong => \@wrong };
}


[ {
    name => 'aof-cut',
    does => 'the AOF ends at every byte; Redis takes what is left',
    short => { ops => 40, times => 200, mends => 2_000 },
    long => { ops => 60, times => 2_000, mends => 0 },
    run => \&run,
} ];
