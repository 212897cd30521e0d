use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# The poster of an event: made by a worker, good for one event and its hours,
# and what it proves stands in the record.

my $site = site();
my $web = $site->browser;
my $worker = $site->worker;
my $seal = $site->seal;
my $people = 0;
my $redis = $site->redis;


sub address {
    my ($event, $what) = @_;

    return "api/staff/events/$event/poster" . ($what || '');
}


sub make {
    my ($event, $kind) = @_;

    my $r = $worker->post(address($event), json => {});

    is $r->{status}, 200, 'a poster is made';
    $r = $worker->get(address($event), query => { kind => $kind }) if $kind;

    return $r->json;
}


sub path_of {
    my ($poster) = @_;

    my ($path) = $poster->{url} =~ m{(c/[0-9A-Z]{45})$};

    return $path;
}


sub scan {
    my ($path) = @_;

    return $web->fresh->get("api/$path");
}


# ---- none until somebody makes one

my $event = $site->event(title => '海报活动');
my $made_up = $seal->token(event => $event, kind => 'poster-in', display => 1,
                           slot => int(time / 60) + 60);
my $r = $worker->get(address($event));

is $r->{status}, 200, 'a worker asks for it';
is $r->json->{poster}, 0, 'there is none';
is $r->json->{url}, undef, 'and no code';
problem(scan("c/$made_up"), 403, 'poster_over', undef,
        'a poster that nobody made');
problem(scan('c/' . $seal->token(event => $event, kind => 'poster-in',
                                 slot => int(time / 60) + 60)),
        403, 'poster_over', undef, 'of number 0');

$r = $worker->get("staff/events/$event/poster");
page($r, 200, ['制作海报', '证明力比屏幕低'], 'the page offers to make one');
unlike $r->text, qr{class="sheet}, 'and has nothing to print';

$r = $site->send_form($worker, $r, {}, qr{/poster$});
is $r->{status}, 303, 'made with one button';
$r = $worker->get("staff/events/$event/poster");
page($r, 200, ['海报活动', '扫码签到', '一活动室', '有效时间',
               "event/$event", '打开微信'], 'the sheet');
is scalar(() = $r->text =~ /<article /g), 1, 'one';

my $poster = $worker->get(address($event))->json;

is $poster->{poster}, 1, 'it has a number';
is $poster->{kind}, 'poster-in', 'for coming unless told';
ok $poster->{valid_from} lt $poster->{valid_until}, 'and says its hours';
is path_of($poster), 'c/' . $seal->token(
    event => $event, kind => 'poster-in', display => 1,
    slot => int(($redis->call('HGET', $site->key("event:$event"), 'end')
              + 30 * 60_000) / 60_000) + 1),
   'its code is what docs/token.md says';


# ---- used as the screen's: page, ticket, check-in, and out

my $me = $web->fresh;

page($me->get(path_of($poster)), 200, ['海报活动', '签到'],
     'scanning it leads to the same page');

my $ticket = $me->get('api/' . path_of($poster))->json;

is $ticket->{kind}, 'poster-in', 'a ticket of its kind';
$r = $me->post('api/c', json => { ticket => $ticket->{ticket}, who => 'new',
    name => '海报居民', phone => $site->phone(++$people) });
is $r->{status}, 201, 'checks in';
is $r->json->{how}, 'poster', 'marked as such';
is $r->json->{level}, 2, 'and worth less than a screen';
is $me->post('api/c', json => { ticket => $ticket->{ticket}, who => 'me' })
      ->json->{again}, JSON::PP::true(), 'once';

my $row = $site->roster($event)->{items}[0];

is "$row->{how} $row->{how_text} $row->{by}", 'poster 海报扫码 1',
   'the roster says how, and by which poster';
like $worker->get("staff/events/$event/roster")->text, qr/海报扫码/,
     'in words on its page';
like $worker->get("api/staff/events/$event/roster.csv")->text,
     qr/"海报扫码","2","1",/, 'and in its CSV';

my $out = $worker->get(address($event), query => { kind => 'poster-out' })
                 ->json;

is $out->{kind}, 'poster-out', 'there is one for leaving';
$ticket = $me->get('api/' . path_of($out))->json->{ticket};
is $me->post('api/c', json => { ticket => $ticket, who => 'me' })->json
      ->{status}, 'checked_out', 'which checks out';
is substr($redis->call('HGET', $site->key("att:$event"),
                       $row->{person}), -4), 'pp:1', 'both as a poster';
problem($worker->get(address($event), query => { kind => 'screen-in' }), 422,
        'invalid', ['kind'], 'no screen is a poster');


# ---- ended: taken down, made anew, moved, cancelled

my $first = path_of($poster);

$ticket = $web->get("api/$first")->json->{ticket};
is $worker->post(address($event, '/end'), json => {})->json->{poster}, 0,
   'taken down';
problem(scan($first), 403, 'poster_over', undef, 'it is worth nothing');
page($web->fresh->get($first), 403, ['这张海报已经失效', '现场屏幕'],
     'and people are told what to do');
problem($web->post('api/c', json => { ticket => $ticket, who => 'new',
    name => '迟到居民', phone => $site->phone(++$people) }), 403,
        'poster_over', undef, 'nor is a ticket from before');
is $worker->post(address($event, '/end'), json => {})->{status}, 200,
   'twice is no error';

my $second = make($event);

is $second->{poster}, 2, 'the next has a number of its own';
problem(scan($first), 403, 'poster_over', undef, 'the first stays worthless');
is scan(path_of($second))->{status}, 200, 'the second is good';

my $version = $worker->get("api/staff/events/$event")->json->{version};

is $worker->patch("api/staff/events/$event", json => {
    audience => '全体居民' })->{status}, 200, 'another audience';
is scan(path_of($second))->{status}, 200, 'takes no poster down';
is $worker->patch("api/staff/events/$event", json => { place => '二楼' })
          ->{status}, 200, 'another place does';
problem(scan(path_of($second)), 403, 'poster_over', undef,
        'as it says the wrong one');
page($worker->get("staff/events/$event/poster"), 200,
     ['原来的海报已经失效', '制作海报'], 'the worker is told');

my $third = make($event);

is $third->{poster}, 3, 'a number never comes back';
$worker->post("api/staff/events/$event/cancel", json => {});
problem(scan(path_of($third)), 409, 'closed', undef,
        'a cancelled event has no poster');
problem($worker->post(address($event), json => {}), 409, 'state', undef,
        'and gets none');


# ---- its hours

my $early = $site->event(start => Wenming::Site::iso(time + 3 * 3600),
                         end => Wenming::Site::iso(time + 4 * 3600));
my $soon = make($early);

problem(scan(path_of($soon)), 409, 'not_open', undef, 'too early');
page($web->fresh->get(path_of($soon)), 409, ['签到还没有开始'],
     'in a clear sentence');

my $key = $site->key("event:$early");

$redis->call('HSET', $key, 'start', int(time * 1000) - 7_200_000, 'end',
             int(time * 1000) - 31 * 60_000);
ok $site->until(5, sub { scan(path_of($soon))->{status} == 409
                         && scan(path_of($soon))->json->{code} eq 'closed' }),
   'too late';

my $over = $site->event;

make($over);
problem(scan('c/' . $seal->token(event => $over, kind => 'poster-in',
                                 display => 1, slot => int(time / 60))),
        403, 'poster_over', undef, 'behind the minute that it names');
is scan('c/' . $seal->token(event => $over, kind => 'poster-in',
                            display => 1, slot => int(time / 60) + 2))
   ->{status}, 200, 'not before it';


# ---- of another event, another kind, another site

my $other = $site->event(title => '别的活动');

problem(scan('c/' . $seal->token(event => $other, kind => 'poster-in',
                                 display => 1, slot => int(time / 60) + 60)),
        403, 'poster_over', undef, 'an event that has none');

my $bad = path_of($worker->get(address($over))->json);

substr $bad, 12, 1, substr($bad, 12, 1) eq '7' ? '6' : '7';
problem(scan($bad), 403, 'code_invalid', undef, 'changed by hand');
problem(scan('c/' . $seal->with(host => 'www.example.cn')->token(
                 event => $over, kind => 'poster-in', display => 1,
                 slot => int(time / 60) + 60)),
        403, 'code_invalid', undef, 'of another site');
problem(scan('c/' . $seal->token(event => $over, kind => 'resident-card',
                                 display => 1, slot => int(time / 60) + 60)),
        403, 'code_invalid', undef, 'of a kind that is not there');


# ---- a ticket keeps its event

$ticket = $web->get('api/' . path_of($worker->get(address($over))->json))
              ->json;
is $ticket->{event}, $over, 'the ticket names the event of its poster';


# ---- who may

my $draft = $site->event(draft => 1);
my $auditor = $site->staff(role => 'auditor');
my $elsewhere = $site->staff(unit => 'wenyilu', name => 'wenyi');
my $far = $site->event(unit => 'furong', course => 'theory-01');

problem($worker->post(address($draft), json => {}), 409, 'state', undef,
        'no poster of a draft');
page($worker->get('staff/events/' . $worker->post('api/staff/events', json => {
         title => '草稿' })->json->{id} . '/poster'), 200,
     ['只有已发布'], 'nor of one without a time');
problem($auditor->post(address($over), json => {}), 403, 'forbidden', undef,
        'an auditor makes none');
problem($elsewhere->post(address($far), json => {}), 404, 'not_found', undef,
        'nor does a worker of another unit');
is $web->post(address($over), json => {})->{status}, 401,
   'nor who has not signed in';

my @once = map { $worker->post(address($other), json => {}, headers => {
    'Idempotency-Key' => 'poster-once' })->json->{poster} } 1, 2;

is "@once", '1 1', 'a request that is repeated makes one';
is scalar(grep { $_->{verb} eq 'event.poster' } $site->journal), 6,
   'each stands in the journal';

end();
