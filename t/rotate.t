use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

use Fcntl qw(LOCK_EX LOCK_SH);
use JSON::PP ();

# New keys in the middle of an event: nobody at the door, at a desk or before
# a screen notices.  What a retired key signed is refused.

my $ROTATIONS = $Wenming::Site::SLOW > 3 ? 12 : 50;
my $SCREENS = 3;
my $ROOM = 32;                          # keys in a file
my $PEOPLE = 6;                         # who scan at the same moment
my $GENERIC = '此码无效或已过期';

my $site = site();
my $keys = $site->{keys};


sub lines {
    return grep { /^(?:sign|data) / } split /\n/,
           Wenming::Site::read_file($keys);
}


sub states {
    return join ' ', map { my @f = split ' '; "$f[1]-$f[3]" }
                     grep { /^sign/ } lines();
}


# The tool on a file, and what became of it.

sub refused {
    my ($name, $pattern, @words) = @_;

    my $before = Wenming::Site::read_file($keys);
    my ($rc, $said) = $site->tool('keys', @words);

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    ok $rc != 0 && $said =~ $pattern, "refused: $name" or diag "$rc: $said";
    is Wenming::Site::read_file($keys), $before, 'and the file is as before';
}


# ---- the tool

is states(), '1-active 2-next', 'a new file has the key that is to sign next';
refused('to retire the key that signs', qr/rotate/, 'retire', $keys, 1,
        '--force');
refused('a key that is not there', qr/not there/, 'retire', $keys, 9);
refused('an id that is none', qr/1 to 255/, 'retire', $keys, 'one');
refused('an algorithm that is none', qr/hmac-sm3/, 'rotate', $keys,
        '--algorithm', 'hmac-md5');


# ---- what people have in their hands before

my $event = $site->event;
my $old = $site->seal;                  # makes values with the first key
my $web = $site->browser;
my $worker = $site->worker;


sub pass_of {
    my ($browser) = @_;

    my ($pass) = Wenming::Answer::unescape(
        $browser->get("staff/events/$event")->text)
        =~ m{screen/$event\?pass=([0-9A-Z]+)};

    return $pass;
}


sub screen_request {
    my ($pass) = @_;

    return [$web->fresh, 'GET', "api/screen/$event", query => {
            pass => $pass }];
}


my $pass = pass_of($worker);
my $known = $site->browser;
my @slow = map { $site->browser } 1 .. 3;
my @pages = map { $_->get($site->code($event)->{path}) } @slow;
my $late = $site->browser;
my $late_page = $late->get($site->code($event)->{path});

page($site->check_in($known, $event, '旧居民', $site->phone(900)), 201,
     ['签到成功'], 'somebody checks in with the first key');


my $points = "$site->{dir}/checkpoints";

ok $site->until(20, sub {
       Wenming::Site::read_file($points) =~ /^\S+ furong \d+ \w+ 1 /m }),
   'a checkpoint is signed with the first key';


# ---- rotations, one after another, while people scan without a pause

my ($n, $reloads, $rounds) = (0, 0, 0);
my %wrong;
my $code = $site->code($event)->{path};


# Which key signs the codes that the screen shows.

sub signs {
    my ($path) = @_;

    return vec Wenming::Seal::unbase32(substr $path, 2), 1, 8;
}


sub judge {
    my ($what, $want, @answers) = @_;

    for my $r (@answers) {
        $wrong{"$what $r->{status} $r->{error}"}++ if $r->{status} != $want;
    }

    return;
}


# A screen shows a code, people scan it, and check in.

sub round {
    my @new = map { { n => ++$n, browser => $site->browser } } 1 .. $PEOPLE;
    my ($screen, $desk, $me) = at_once(
        screen_request($pass), [$worker, 'GET', 'api/staff/events'],
        [$known, 'GET', 'api/me']);

    judge('screen', 200, $screen);
    judge('desk', 200, $desk);
    judge('me', 200, $me);
    $wrong{'forgotten'}++ if ($me->json->{name} || '') ne '旧居民';

    ($code) = ($screen->json->{url} || '') =~ m{/(c/[0-9A-Z]+)$}
        or return;

    my @r = at_once(map { [$_->{browser}, 'GET', "api/$code"] } @new);
    judge('scan', 200, @r);

    @r = at_once(map { [$new[$_]{browser}, 'POST', 'api/c', json => {
        ticket => $r[$_]->json->{ticket}, who => 'new',
        name => sprintf('居民%04d', $new[$_]{n}),
        phone => $site->phone($new[$_]{n}) }] } 0 .. $#new);
    judge('check-in', 201, @r);

    @r = at_once(map { [$_->{browser}, 'GET', 'api/me'] } @new);
    judge('me', 200, @r);

    for my $r (@r) {
        $wrong{'unknown'}++ if !$r->json->{name};
    }

    $rounds++;

    return;
}


# Whether a code is one of this event's, for now, made with a key of the file:
# computed here, not asked.

sub genuine {
    my ($token) = @_;

    my (undef, $id, $for, $slot, $display) =
        unpack 'CCNNn', Wenming::Seal::unbase32($token);
    my ($secret) = map { (split ' ')[5] } grep { /^sign $id / } lines();
    my $now = int(time / 15);

    return defined $secret && $for == $event
           && ($slot == $now || $slot == $now - 1)
           && $token eq $old->with(id => $id, secret => pack 'H*', $secret)
                            ->token(event => $event, slot => $slot,
                                    display => $display);
}


# Looks at a screen once: the document, the picture, and what the picture says
# to a camera if that is asked for; returns the key that signs.

sub look {
    my ($with, $camera) = @_;

    my ($doc, $picture) = at_once(
        screen_request($with),
        [$web->fresh, 'GET', "screen/$event/qr.png", query => {
            pass => $with }]);

    judge('screen', 200, $doc);
    judge('picture', 200, $picture);

    my ($token) = ($doc->json->{url} || '') =~ m{/c/([0-9A-Z]+)$};

    if (!$token || !genuine($token)) {
        $wrong{'a code that does not verify'}++;
        return 0;
    }

    judge('scan', 200, $web->fresh->get("c/$token"));

    if ($camera) {
        my $file = "$site->{dir}/picture.$$.png";
        Wenming::Site::write_file($file, $picture->{body});
        my ($rc, $said) = Wenming::Site::run('zbarimg', '-q', '--raw', $file);
        my ($seen) = $said =~ m{/c/([0-9A-Z]+)$}m;

        $wrong{'a picture that does not verify'}++
            if $rc != 0 || !$seen || !genuine($seen);
    }

    return signs("c/$token");
}


# A screen on a wall, in a process of its own, from before the first rotation
# until after the last.  The last screen is opened anew each time.

sub hang_screen {
    my ($number) = @_;

    my $parent = $$;
    my $pid = fork;

    die "fork: $!" if !defined $pid;
    return $pid if $pid;

    my $mine = $pass;
    my ($looks, $key) = (0, 0);

    $SIG{$_} = 'DEFAULT' for qw(INT TERM HUP);
    %wrong = ();

    while (getppid == $parent && !-e "$site->{dir}/closed") {
        open my $door, '<', "$site->{dir}/door" or last;

        my $seen = eval {
            if ($number == $SCREENS) {
                flock $door, LOCK_SH or die $!;
                $mine = pass_of($worker) || '';
            }

            look($mine, ++$looks % 8 == 0);
        } || 0;

        $wrong{$@}++ if $@;
        close $door;

        Wenming::Site::write_file("$site->{dir}/screen.$number.new",
            JSON::PP->new->utf8->encode({ looks => $looks, key => $seen,
                                          wrong => \%wrong }));
        rename "$site->{dir}/screen.$number.new",
               "$site->{dir}/screen.$number";
        sleep 0.05;
    }

    POSIX::_exit(0);
}


sub screen_says {
    my ($number) = @_;

    my $text = Wenming::Site::read_file("$site->{dir}/screen.$number");

    return length $text ? JSON::PP->new->utf8->decode($text)
                        : { looks => 0, key => 0, wrong => {} };
}


sub screens_show {
    my ($key) = @_;

    return !grep { screen_says($_)->{key} != $key } 1 .. $SCREENS;
}


# What the older keys signed has long expired: they are retired, and the lines
# that no checkpoint needs are deleted, for a file has only so much room.  The
# first one stays.

sub half_a_year_later {
    my ($signing) = @_;

    my $long_ago = Wenming::Site::iso(time - 200 * 86400);
    my $text = Wenming::Site::read_file($keys);
    my @gone = grep { $_ > 1 && $_ < $signing - 2 }
               $text =~ /^sign (\d+) \S+ active /gm;

    # a screen that is just being opened would have to be opened once more

    open my $door, '<', "$site->{dir}/door" or die $!;
    flock $door, LOCK_EX or die $!;

    refused('one key more than there is room for', qr/$ROOM are the most/,
            'rotate', $keys) if lines() == $ROOM;
    refused('to retire too early', qr/good until .*--force/s, 'retire',
            $keys, $gone[-1]);

    $text =~ s/^(sign (\d+) \S+ active) \S+/$2 < $signing - 1
                                            ? "$1 $long_ago" : $&/gem;
    replace($text);

    $site->must('keys', 'retire', $keys, $_) for @gone;

    $text = Wenming::Site::read_file($keys);
    is +(grep { $text =~ /^sign $_ \S+ retired /m } @gone), @gone,
       'half a year later they are retired without force';

    my %needed = map { $_ => 1 } Wenming::Site::read_file($points)
                                 =~ /^\S+ furong \d+ \w+ (\d+) /gm;

    $text =~ s/^sign (\d+) \S+ retired .*\n/$needed{$1} ? $& : ''/gem;
    replace($text);

    return;
}


sub replace {
    my ($text) = @_;

    Wenming::Site::write_file("$keys.edited", $text, 0600);
    rename "$keys.edited", $keys or die $!;

    return;
}


Wenming::Site::write_file("$site->{dir}/door", '');

my @screens = map { hang_screen($_) } 1 .. $SCREENS;

ok $site->until(60, sub { screens_show(1) }), 'the screens show codes';

my $until = time + 300;

for my $turn (1 .. $ROTATIONS) {
    half_a_year_later($turn) if lines() == $ROOM;

    $site->must('keys', 'rotate', $keys);
    $site->reload;

    # digits that a screen still shows

    my $typed = $web->fresh->get('api/c', query => {
        event => $event, code => $old->digits(event => $event) });

    judge('digits', 200, $typed);

    # until a worker with the new keys has been met, here and by each screen

    my $met;

    do {
        round();
        $met = signs($code) == $turn + 1 && screens_show($turn + 1);
    } until $met || time > $until;

    $reloads++ if $met;

    # a page that was opened before all of it, or somewhere in the middle

    if ($turn % 16 == 0) {
        my ($browser, $page) = (shift @slow, shift @pages);
        my $phone = $site->phone(900 + $turn);

        judge('page', 201, $site->send_form($browser, $page, {
            name => "慢居民$turn", phone => $phone }));
    }
}

Wenming::Site::write_file("$site->{dir}/closed", '');
waitpid $_, 0 for @screens;

half_a_year_later($ROTATIONS + 1);

is $reloads, $ROTATIONS,
   'each rotation signs after a reload, on every screen';

for my $number (1 .. $SCREENS) {
    my $said = screen_says($number);

    is_deeply $said->{wrong}, {},
       "screen $number: each code and picture was good"
       or diag explain $said->{wrong};
    diag "screen $number: $said->{looks} looks";
}

is_deeply \%wrong, {}, 'and nothing that anybody did meanwhile failed'
    or diag explain \%wrong;
diag "$n people in $rounds rounds";
is $site->roster($event)->{present}, $n + 4, 'all of them are on the roster';
ok $site->until(15, sub { $site->worker_pids == $site->{workers} }),
   'no old worker stays';

like join("\n", lines()), qr/^data 1 aes-256-gcm active/m,
     'the data key is the same';
is +(stat $keys)[2] & 07777, 0600, 'the file has mode 0600';
is_deeply [glob "$keys.*"], [], 'and nothing is left beside it';
like Wenming::Site::read_file($keys), qr/^# Secret keys/,
     'its remarks are still there';


# ---- the file changes under the tool's hands

{
    open my $lock, '<', $keys or die $!;
    flock $lock, 2 or die $!;
    refused('while another one is at it', qr/just now/, 'rotate', $keys);
    close $lock;

    my @tools = map {
        open my $out, '-|',
             "$Wenming::Site::BUILD/wenming keys rotate $keys 2>&1" or die $!;
        $out;
    } 1 .. 6;
    my $before = () = lines();
    my $done = grep { my @said = <$_>; close $_; $? == 0 } @tools;
    my $after = () = lines();

    ok $done >= 1, "of six at once $done rotate";
    like states(), qr/^1-active( \d+-retired)*( \d+-active)+ \d+-next$/,
         'and the file is whole';
}

symlink $keys, "$site->{dir}/link" or die $!;
$site->must('keys', 'rotate', "$site->{dir}/link");
ok -l "$site->{dir}/link", 'a link to the file stays a link';


# ---- another algorithm, and the first key retired

$site->must('keys', 'rotate', $keys, '--algorithm', 'hmac-sm3');
my ($sm3) = map { (split ' ')[1] } grep { /^sign .*hmac-sm3 active/ } lines();



# Until a page that only new workers make shows the key.

sub reloaded {
    my ($key) = @_;

    $site->reload;

    return $site->until(10, sub {
        my ($r) = at_once(screen_request($pass));
        ($r->json->{url} || '') =~ m{/(c/.*)} && signs($1) == $key;
    });
}


ok reloaded($sm3), 'a key of hmac-sm3 signs';
is $web->fresh->get('c/' . $old->token(event => $event))->{status}, 200,
   'what the first key signs is good';
page($site->check_in($web->fresh, $event, '新居民', $site->phone(990)), 201,
     ['签到成功'], 'so is what the new one signs');

my $new_pass = pass_of($worker);
my $new_worker = $site->staff;
my $new_device = $web->fresh;
my $new_page = $new_device->get($site->code($event)->{path});

$site->must('keys', 'retire', $keys, 1, '--force');
$site->reload;
ok $site->until(10, sub { $site->browser->get("api/screen/$event", query => {
                              pass => $pass })->{status} == 403 }),
   'the first key is retired: its pass is refused';
$site->until(15, sub { $site->worker_pids == $site->{workers} });

page($web->fresh->get('c/' . $old->token(event => $event)), 403, [$GENERIC],
     'so are its codes');
problem($web->fresh->get('api/c', query => {
            event => $event, code => $old->digits(event => $event) }),
        403, 'digits_invalid', undef, 'its digits');
problem($worker->get('api/staff/events'), 401, 'sign_in', undef,
        'its workers');
ok !$known->get('api/me')->json->{name}, 'its residents';

my $r = $site->send_form($late, $late_page, { name => '晚居民',
                                              phone => $site->phone(991) });
is $r->{status}, 403, 'and the pages opened with it';

is $new_worker->get('api/staff/events')->{status}, 200,
   'newer ones go on: the worker';
is $web->fresh->get("api/screen/$event", query => { pass => $new_pass })
       ->{status}, 200, 'the screen';
page($site->send_form($new_device, $new_page, {
         name => '早居民', phone => $site->phone(992) }), 201,
     ['签到成功'], 'the page');

$site->{worker} = $new_worker;
is $site->roster($event)->{items}[0]{name}, '旧居民',
   'and the names are read as ever';
refused('to retire it once more', qr/already/, 'retire', $keys, 1, '--force');

my ($rc, $said) = $site->tool('audit', '--checkpoints', $points);

is $rc, 0, 'the audit believes the checkpoints of retired keys' or diag $said;


# ---- a site with SM3 and SM4 from the first day

my $sm = Wenming::Site->prepare;

unlink $sm->{keys};
$sm->must('keys', 'new', $sm->{keys}, '--algorithm', 'sm');
like $sm->must('keys', 'list'),
     qr/hmac-sm3 .*active.*hmac-sm3 .*next.*sm4-ctr-hmac-sm3 .*active/s,
     'keys of SM3 and SM4';
$sm->start_redis;
$sm->import_data("$Wenming::Site::ROOT/demo/data");
$sm->start_nginx;

my $hall = $sm->event;
my $resident = $sm->browser;
my $phone = $sm->phone(1);

page($sm->check_in($resident, $hall, '孙示例', $phone), 201, ['签到成功'],
     'check-in');
is $resident->get('api/me')->json->{name}, '孙示例', 'the cookie';
is $sm->browser->get('api/c', query => {
       event => $hall, code => $sm->code($hall)->{code} })->{status}, 200,
   'the digits';

my ($who) = @{$sm->roster($hall)->{items}};

is "$who->{name} $who->{phone}",
   '孙示例 ' . substr($phone, 0, 3) . '****' . substr($phone, -4),
   'the roster has name and phone';

my $token = substr $sm->code($hall)->{path}, 2;

page($sm->browser->get('c/' . $sm->seal->token(event => $hall)), 403,
     [$GENERIC], 'the same secret with SHA-256 is no key');
($rc, $said) = $sm->tool('verify', $token, '--url', $sm->public_url);
is $rc, 0, 'the tool verifies its codes' or diag $said;

my ($record) = @{$sm->redis->call('KEYS', $sm->key('person:*'))};

is $sm->redis->call('OBJECT', 'ENCODING', $record), 'listpack',
   'the record is small for Redis';

my %h = @{$sm->redis->call('HGETALL', $record)};

is join(' ', map { length $h{$_} } qw(key name phone)), '64 41 43',
   'and sealed';
ok !(grep { /孙示例|\Q$phone\E/ } values %h), 'with no word to be read';

$sm->must('keys', 'rotate', $sm->{keys});
$sm->reload;
ok $sm->until(10, sub { signs($sm->code($hall)->{path}) == 2 }),
   'rotated, too';
is $resident->get('api/me')->json->{name}, '孙示例', 'the cookie is good';

end();
