exports.id=178,exports.ids=[178],exports.modules={8178:(s,o,e)=>{const t=e(1534);s.exports=t}};
