# One allocation of the module fails, each in turn, and then all from one on:
# for every kind of request.  The worker goes on, nobody is told what is not
# so, and what was asked for can be asked for again.

package Fault::Made::nomem;

use strict;
use warnings;
use utf8;

use Wenming::Site;

my $DIR = "$Wenming::Site::BUILD/nomem";
my $PAGE = "$Wenming::Site::BUILD/fault/nomem.page";
my $FOREVER = 1 << 62;


# ---- a module whose allocations can fail

sub build {
    my $root = $Wenming::Site::ROOT;
    my $object = "$Wenming::Site::BUILD/fault/nomem.o";
    my $library = "$Wenming::Site::BUILD/fault/libnomem.a";
    my @cc = ($ENV{CC} || 'cc', qw(-std=c11 -D_GNU_SOURCE -Wall -Wextra
              -Werror -fPIC -O1 -g -c), "-I$root/tests/unit",
              "$root/tests/fault/nomem.c", '-o', $object);

    system(@cc) == 0 && system('ar', 'rcs', $library, $object) == 0
        or die "cannot build nomem.o\n";

    my $table = join '', map { Wenming::Site::read_file("$root/tests/$_") }
                qw(fault/nomem.c unit/unit_openssl.h);
    my $made = "$DIR/nginx/objs/Makefile";

    # what is wrapped stands in the words of the linker, which make has once

    unlink $made if -e $made && -M $object < -M $made;

    my @wrapped = grep { $_ ne 'EVP_DecryptFinal_ex' }  # fails for forgeries
                  $table =~ /^(?:WM_WRAP\(\w+, \S+|    X\(.*), (\w+),/mg;
    my ($rc, $said) = Wenming::Site::run(
        'make', '-s', '-C', $root, "BUILD=$DIR", 'module', 'SAN='
        . join(' ', (map { "-Wl,--wrap=$_" } @wrapped),
               "-Wl,-u,__wrap_malloc", "-Wl,$library"));

    die "no module: $said" if $rc;

    return;
}


sub page {                              # count, first, last
    my (@to) = @_;

    open my $file, '+<:raw', $PAGE or die "$PAGE: $!\n";

    if (@to) {
        syswrite $file, pack 'q3', @to;
        return;
    }

    sysread $file, my $bytes, 24;

    return (unpack 'q3', $bytes)[0];
}


# ---- what people ask for

my $people = 0;
my $n = 0;


sub key { return { 'Idempotency-Key' => 'nomem-' . ++$n } }


sub order {
    my ($s, %more) = @_;

    return { course => 'party-01', unit => 'wenyilu-1', head_count => 30,
             wanted => [$s->{day}], contact_name => '张示例',
             phone => $s->{site}->phone(++$people), note => '请讲慢一点',
             %more };
}


# A table of kinds: get => path, or make => function(state) that prepares and
# gives the request as Wenming::Http has it.

sub kinds {
    my ($s) = @_;

    my ($site, $worker, $web) = @$s{qw(site worker web)};
    my $event = $s->{event};

    return (
        (map { my $path = $_;
               { name => "GET $path", get => 1,
                 make => sub { [$web, 'GET', $path] } } }
         'me', 'api/me', 'orders', 'api/me/orders', 'enrolments',
         'api/me/record', 'my/wishes',
         "enrol/$s->{coming}", "rate/$event", 'no/such', 'api/no/such',
         'look?large=1', 'api/health', 'privacy'),

        { name => 'GET api/metrics', get => 1, vary => 1,
          make => sub { [$web, 'GET', 'api/metrics'] } },

        # the query makes each of them new to the cache

        (map { my $path = $_;
               { name => "GET $path", get => 1,
                 make => sub {
                     [$web, 'GET', $path . ($path =~ /\?/ ? '&' : '?')
                                   . 'x=' . ++$n] } } }
         '', 'menu', 'api/menu', 'menu?q=%E6%B3%95', 'course/law-01',
         'api/courses/law-01', 'timetable', 'api/timetable', "event/$event",
         "api/events/$event", 'fragment/menu', 'wishes', 'timetable.ics'),

        (map { my $path = $_;
               { name => "GET $path", get => 1, vary => /qr/ ? 1 : 0,
                 make => sub { [$worker, 'GET', $path] } } }
         'staff/', 'staff/orders', 'staff/orders/board', 'api/staff/board',
         "staff/events/$event", "staff/events/$event/roster",
         "api/staff/events/$event/roster.csv", 'staff/events/new',
         "api/staff/events/$event/qr.svg", 'staff/figures', 'staff/demand',
         'staff/wishes', 'staff/ratings', 'api/staff/orders.csv'),

        { name => 'scan', get => 1, vary => 1, make => sub {
            [$site->browser, 'GET', $site->code($event)->{path}] } },

        { name => 'check in', make => sub {
            my $b = $site->browser;

            [$b, 'POST', 'api/c', json => {
                ticket => $site->ticket($b, $event), name => '李示例',
                phone => $site->phone(++$people) }] },
          there => sub { $site->redis->call('HLEN',
                                            $site->key("att:$event")) } },

        { name => 'check in, form', make => sub {
            my $b = $site->browser;
            my ($form) = $b->get($site->code($event)->{path})->forms;

            (my $to = $form->{action}) =~ s{^https?://[^/]+}{};
            [$b, 'POST', $to, form => { %{$form->{hidden}}, name => '李示例',
                                        phone => $site->phone(++$people) }] },
          there => sub { $site->redis->call('HLEN',
                                            $site->key("att:$event")) } },

        { name => 'order', make => sub {
            [$site->browser, 'POST', 'api/orders', json => order($s),
             headers => key()] } },

        { name => 'order, form', make => sub {
            my $b = $site->browser;
            my ($form) = grep { $_->{action} =~ /course/ }
                         $b->get('course/party-01')->forms;

            my %fields = %{order($s, wanted => [$s->{day}, ''])};

            delete $fields{course};
            (my $to = $form->{action}) =~ s{^https?://[^/]+}{};
            [$b, 'POST', $to, form => { %{$form->{hidden}}, %fields }] } },

        { name => 'order withdrawn', make => sub {
            my $b = $site->browser;
            my $id = $b->post('api/orders', json => order($s))->json->{id};

            [$b, 'POST', "api/orders/$id/cancel", json => {},
             headers => key()] } },

        { name => 'dispatch', make => sub {
            my $id = $site->browser->post('api/orders', json => order($s))
                          ->json->{id};

            [$worker, 'POST', "api/staff/orders/$id/dispatch",
             json => { team => 'corps' }, headers => key()] } },

        { name => 'enrol', make => sub {
            [$site->browser, 'POST', "api/events/$s->{coming}/enrol", json => {
                name => '王示例', phone => $site->phone(++$people) },
             headers => key()] } },

        { name => 'wish', make => sub {
            [$site->browser, 'POST', 'api/wishes', json => {
                wish => '想学手机', text => '眼睛不好', category => 'study',
                unit => 'wenyilu-1', who => 'new', name => '王示例',
                phone => $site->phone(++$people) }, headers => key()] } },

        { name => 'event', make => sub {
            [$worker, 'POST', 'api/staff/events', json => {
                title => '测试讲座', course => 'theory-01', content => '学习',
                unit => 'wenyilu-1', place => '一活动室',
                audience => '社区居民', start => $s->{start},
                end => $s->{end} }, headers => key()] } },

        { name => 'check in by hand', make => sub {
            [$worker, 'POST', "api/staff/events/$event/attendance",
             json => { name => '陈示例', phone => $site->phone(++$people) },
             headers => key()] } },

        # wrong tries of one name are counted, so not too many of them

        { name => 'sign in', free => 1, most => 25, make => sub {
            [$site->browser, 'POST', 'api/staff/session', json => {
                name => 'worker-furong',
                password => $site->{staff}{'worker-furong'} }] } },
    );
}


# ---- and what may come of it

sub send_it {
    my ($request) = @_;

    my ($browser, $method, $path, %o) = @$request;

    return $browser->request($method, $path, %o);
}


# A body without what differs from one answer to the next.

sub plain {
    my ($r) = @_;

    my $body = $r->{body} // '';

    $body =~ s/value="[^"]*"//g;
    $body =~ s/[0-9A-Za-z_.-]{12,}//g;
    $body =~ s/[0-9]+(?:\.[0-9]+)?//g;
    $body =~ s/[?&](?:amp;)?x=//g;

    return $body;
}


# Where two bodies part.

sub apart {
    my ($a, $b) = @_;

    my $i = 0;

    $i++ while $i < length $a && substr($a, $i, 1) eq substr($b, $i, 1);

    return join ' instead of ', map {
        '"' . (substr $_, $i > 20 ? $i - 20 : 0, 50) =~ s/\n/ /gr . '"'
    } $a, $b;
}


# A connection that was given up for want of memory is made anew.

sub well {
    my ($s) = @_;

    $s->{site}->until(10, sub {
        $s->{web}->get('api/health')->{body}
            =~ /"redis":true,.*"durable":true/ })
        or die "it does not get well again\n";

    return;
}


# One request with allocations first..last failing.  What is wrong, and
# whether the request got so far.

sub try_once {
    my ($s, $kind, $first, $last, $normal) = @_;

    well($s);

    my $request = $kind->{make}->();
    my $before = $s->{site}->journal_length;

    page(0, $first, $last);
    my $r = eval { send_it($request) } || { status => 0 };
    my $count = page();
    page(0, 0, 0);

    my $status = $r->{status} || 0;
    my @wrong;

    if ($kind->{get}) {
        push @wrong, "answered $status"
            if $status && $status != $normal->{status} && $status < 500;
        push @wrong, 'another body: ' . apart(plain($r), plain($normal))
            if $status && $status == $normal->{status} && !$kind->{vary}
               && plain($r) ne plain($normal);
    } else {
        push @wrong, "answered $status"
            if $status && $status < 500
               && int($status / 100) != int($normal->{status} / 100);

        well($s);

        my $again = eval { send_it($request) } || { status => 0 };

        push @wrong, "then $again->{status}, once more"
            if ($again->{status} || 0) !~ /^[23]/;

        my $more = $s->{site}->journal_length - $before;

        push @wrong, "$more entries" if !$kind->{free} && $more != $s->{more};
    }

    $s->{count}{$status}++;

    return ($count >= $first, map { "$kind->{name}, from $first: $_" } @wrong);
}


sub try_kind {
    my ($s, $kind) = @_;

    my $request = $kind->{make}->();
    my $before = $s->{site}->journal_length;
    my $normal = send_it($request);

    if ($kind->{get}) {
        $request = $kind->{make}->();
        $normal = send_it($request);
    }

    # of the preparation there may be entries, too

    $request = $kind->{make}->();
    $before = $s->{site}->journal_length;
    send_it($request);
    $s->{more} = $s->{site}->journal_length - $before;

    return "$kind->{name}: $normal->{status} without a fault: "
           . substr $normal->{body}, 0, 20_000
        if $normal->{status} >= 400 && $kind->{name} !~ m{no/such};

    my @wrong;

    page(0, 0, 0);
    send_it($kind->{make}->());

    # a short run looks at some of them only

    my $step = $s->{each} ? 1 : 1 + int(page() / 40);

    for my $all (0, 1) {
        my $most = $kind->{most} || 50_000;

        for (my $i = 1; $i < $most; $i += $i < 10 ? 1 : $step) {
            my ($reached, @odd) = try_once($s, $kind, $i,
                                           $all ? $FOREVER : $i, $normal);

            push @wrong, map { $all ? "$_ (all)" : $_ } @odd;
            last if !$reached || @wrong > 8;
            $s->{times}++;
        }
    }

    return @wrong;
}


sub state_of {
    my ($site) = @_;

    my $s = { site => $site, worker => $site->worker, web => $site->browser,
              event => $site->event(end => Wenming::Site::iso(time + 43200)),
              day => substr(Wenming::Site::iso(time + 20 * 86400), 0, 10),
              start => Wenming::Site::iso(time + 86400),
              end => Wenming::Site::iso(time + 90000) };

    $s->{coming} = $site->event(start => $s->{start}, end => $s->{end},
                                capacity => 100_000);
    $site->check_in($s->{web}, $s->{event}, '张示例', $site->phone(++$people));

    return $s;
}


sub run {
    my ($fault, %o) = @_;

    build();
    Wenming::Site::write_file($PAGE, pack 'q3', 0, 0, 0);
    chmod 0666, $PAGE;

    local $ENV{WENMING_NOMEM} = $PAGE;
    local $Wenming::Site::BUILD = $DIR;

    symlink "$Wenming::Site::ROOT/build/$_", "$DIR/$_" for qw(web wenming);

    my $site = Wenming::Site->start(
        workers => 1, location => ['wenming_unlimited 127.0.0.0/8;']);
    my $s = state_of($site);
    my @pids = $site->worker_pids;
    my $only = $ENV{WENMING_NOMEM_ONLY} || '';
    my @kinds = grep { $_->{name} =~ /$only/ } kinds($s);
    my @wrong = @kinds ? () : "there is no kind of request like $only";

    $s->{each} = $o{size} eq 'long';

    for my $kind (@kinds) {
        push @wrong, try_kind($s, $kind);
        my @now = $site->worker_pids;

        if ("@now" ne "@pids") {
            push @wrong, "$kind->{name}: the worker has ended";
            @pids = @now;
        }
    }

    $site->stop_nginx('QUIT') if !@wrong;
    $site->discard if !$ENV{WENMING_KEEP};

    return {
        wrong => \@wrong, times => $s->{times}, lost => 0, doubled => 0,
        operations => scalar @kinds,
        seen => join(', ', map { ($_ || 'closed') . ": $s->{count}{$_}" }
                           sort keys %{$s->{count}}),
    };
}


[ {
    name => 'nomem',
    does => 'each allocation in the module fails, for each kind of request',
    run => \&run,
    long => {},
    short => {},
} ];
