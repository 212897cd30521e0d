use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

use File::Temp ();

# demo/demo, in a copy of its own: whoever has the demo running keeps it.

my $root = $Wenming::Site::ROOT;
my $dir = File::Temp::tempdir('/tmp/wmd.XXXXXX', CLEANUP => 1);
my $port = Wenming::Site::free_port();

system('cp', '-r', "$root/web", "$root/tools", "$root/templates", $dir);
mkdir "$dir/demo";
system('cp', '-r', "$root/demo/data", "$root/demo/demo",
       "$root/demo/nginx.conf", "$dir/demo");
symlink $Wenming::Site::BUILD, "$dir/build";
chmod 0700, $dir;                       # nobody else may enter


# What is built is built: MAKE does nothing here.

sub demo {
    my ($what, %env) = @_;

    local @ENV{qw(MAKE WENMING_PORT WENMING_LISTEN WENMING_PUBLIC_URL)}
        = ('true', $port, '127.0.0.1', undef);
    delete local $ENV{WENMING_PUBLIC_URL};
    local @ENV{keys %env} = values %env;

    my ($rc, $said) = Wenming::Site::run("$dir/demo/demo", $what);

    utf8::decode($said);

    return ($rc, $said);
}


sub env {
    my ($rc, $said) = Wenming::Site::run(
        'sh', '-c', '. "$0"; echo "$WENMING_URL $STAFF_NAME $STAFF_PASSWORD '
                    . '$EVENT_ID"', "$dir/demo/run/env");

    return split ' ', $said;
}


sub running {
    return grep { -e "/proc/$_" } map {
        Wenming::Site::read_file($_) =~ /^(\d+)/ ? $1 : ()
    } "$dir/demo/run/nginx.pid", "$dir/demo/run/redis.pid";
}


END { system "$dir/demo/demo", 'clean' if defined $dir && -d $dir }

my ($rc, $said) = demo('start');

is $rc, 0, 'it starts' or diag $said;

my ($url, $name, $password, $event) = env();

is $url, "http://127.0.0.1:$port/wenming", 'demo/run/env says where';
ok index($said, "$url/$_") >= 0, "it names $_"
    for 'menu', 'timetable', 'orders', 'c', 'staff/', "event/$event";
like $said, qr/$name.*$password/, 'and the login';
like $said, qr/█/, 'and draws a code';

my ($path) = $said =~ m{\Q$url\E/(c/[0-9A-Z]+)};
my $web = Wenming::Http->new(port => $port);

page($web->get('menu'), 200, ['课程菜单'], 'the menu is there');
is $web->get(Wenming::Site->asset('desk.css'))->{status}, 200, 'with its looks';
page($web->get($path), 200, ['签到'], 'the code is good');
like $web->get('/')->header('location'), qr{/wenming/$},
     'the front door leads to the first page';
page($web->get('/wenming/'), 200, ['今天的活动', '怎么点单'], 'which is there');
is $web->post('api/staff/session', json => {
       name => $name, password => $password })->{status}, 200,
   'the login is good';
is $web->get("api/staff/events/$event")->json->{status}, 'published',
   'the event is open';

my $mode = sprintf '%04o', (stat "$dir/demo/run/password")[2] & 0777;

is $mode, '0600', 'the password is for its owner only';
unlike Wenming::Site::read_file("$dir/demo/run/access.log"), qr/127\.0\.0\.1/,
       'the log has no addresses of people';

$web->post("api/staff/events/$event/attendance",
           json => { name => '某甲', phone => '' });

my @before = running();

($rc, $said) = demo('start');
is $rc, 0, 'it starts again over itself' or diag $said;
is((env())[2], $password, 'with the same password');

is $web->get("api/events/$event")->json->{present}, 1, 'and the same data';
is scalar(running()), 2, 'one nginx and one Redis';

($rc, $said) = demo('start', WENMING_PUBLIC_URL => 'https://x.example/wm',
                    WENMING_LISTEN => 'localhost');
is $rc, 0, 'another public address' or diag $said;
is((env())[0], 'https://x.example/wm', 'is the one it names');

($rc) = demo('stop');
is $rc, 0, 'it stops';
is scalar(running()), 0, 'and nothing is left running';

{
    my $taken = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1);
    my $other = $taken->sockport;

    ($rc, $said) = demo('start', WENMING_PORT => $other);
    isnt $rc, 0, 'a port that another has';
    like $said, qr/another program listens on 127\.0\.0\.1:$other/,
         'is named';
}

($rc, $said) = demo('start', WENMING_PORT => 'http');
isnt $rc, 0, 'a port that is none';
like $said, qr/WENMING_PORT/, 'is named';

my $shared = Wenming::Site::read_file("$dir/demo/run/directory");

chomp $shared;
($rc) = demo('clean');
is $rc, 0, 'it cleans up';
ok !-e "$dir/demo/run" && $shared =~ m{^/tmp/} && !-e $shared,
   'and leaves nothing behind';

done_testing();
